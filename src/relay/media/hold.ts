/** How long there may be no picture before something stands in for it. */
const HOLD_AFTER_MS = 500;
/** How long before that is a keyframe, after which the host has to send one too. */
const KEY_AFTER_MS = 1_000;
/** The same for a host that hardly ever sends keyframes: it would not be back soon. */
const KEY_AFTER_RARE_KEYS_MS = 5_000;
const RARE_KEYS = 3;
/** A shared screen that stands still is sent once a second: so many pictures have to be missing. */
const MISSED_PICTURES = 3;
const LONGEST_PACE_MS = 1_500;
/** How long a host that is only heard may take to be seen. */
const FIRST_PICTURE_MS = 3_000;
const AGAIN_EVERY_MS = 200;
/** Codecs that are encoded again have nothing smaller, and what encodes them wants pictures to encode. */
const OTHER_CODEC_EVERY_MS = 500;

/** What has been shown; spans of time in milliseconds. */
export interface Shown {
  /** Since the host's last picture went out, or since there was anything of the host at all. */
  readonly missingMs: number;
  /** Since a picture of any origin went out, and a keyframe. */
  readonly sincePictureMs: number;
  readonly sinceKeyMs: number;
  /** How old the host's last keyframe was when its last picture went out; undefined before its first. */
  readonly keyAgeMs: number | undefined;
  /** Between the host's last two pictures. */
  readonly paceMs: number;
  /** What would be shown: H.264, and the same as what is shown now (the host's, or what stands in for it). */
  readonly h264: boolean;
  readonly same: boolean;
  /** A keyframe stands in for the host's pictures already. */
  readonly held: boolean;
}

/**
 * What is due where no picture comes: `again`, the last picture is said to go on, or `key`, the keyframe that is
 * held. Pure.
 */
export function due(shown: Shown, keyframeIntervalMs: number): 'nothing' | 'again' | 'key' {
  if (shown.missingMs <= HOLD_AFTER_MS) return 'nothing';
  if (keyDue(shown, keyframeIntervalMs)) return 'key';
  return shown.sincePictureMs >= AGAIN_EVERY_MS ? 'again' : 'nothing';
}

function keyDue(shown: Shown, keyframeIntervalMs: number): boolean {
  const { missingMs, sinceKeyMs, keyAgeMs, paceMs, h264, same, held } = shown;
  const old = sinceKeyMs >= (h264 ? keyframeIntervalMs : OTHER_CODEC_EVERY_MS);
  if (held) return old || !same;
  if (keyAgeMs === undefined) return missingMs >= FIRST_PICTURE_MS;
  const patienceMs = keyAgeMs > RARE_KEYS * keyframeIntervalMs ? KEY_AFTER_RARE_KEYS_MS : KEY_AFTER_MS;
  const slowMs = MISSED_PICTURES * Math.min(paceMs, LONGEST_PACE_MS);
  return missingMs >= Math.max(patienceMs, slowMs) && (old || !same);
}
