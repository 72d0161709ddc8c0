/** How long there may be no frame before something stands in for it. */
const HOLD_AFTER_MS = 500;
/** How long before that is a keyframe, after which the host has to send one too. */
const KEYFRAME_AFTER_MS = 1_000;
/** The same for a host that hardly ever sends keyframes: it would not be back soon. */
const KEYFRAME_AFTER_RARE_KEYFRAMES_MS = 5_000;
const RARE_KEYFRAMES = 3;
/** A shared screen that stands still is sent once a second: so many frames have to be missing. */
const MISSED_FRAMES = 3;
const MAX_PACE_MS = 1_500;
/** How long a host that is only heard may take to be seen. */
const FIRST_FRAME_MS = 3_000;
const REPEAT_INTERVAL_MS = 200;
/** Codecs that are encoded again have nothing smaller, and what encodes them wants frames to encode. */
const OTHER_CODEC_INTERVAL_MS = 500;

/** What has been shown; spans of time in milliseconds. */
export interface Shown {
  /** Since the host's last frame went out, or since there was anything of the host at all. */
  readonly missingMs: number;
  /** Since a frame of any origin went out, and a keyframe. */
  readonly sinceFrameMs: number;
  readonly sinceKeyMs: number;
  /** How old the host's last keyframe was when its last frame went out; undefined before its first. */
  readonly keyAgeMs: number | undefined;
  /** Between the host's last two frames. */
  readonly paceMs: number;
  /** What would be shown: H.264, and the same as what is shown now (the host's, or what stands in for it). */
  readonly h264: boolean;
  readonly same: boolean;
  /** A keyframe stands in for the host's frames already. */
  readonly held: boolean;
}

/**
 * What is due where no frame comes: `repeat`, the last frame is said to go on, or `keyframe`, the keyframe that is
 * held. Pure.
 */
export function due(shown: Shown, keyframeIntervalMs: number): 'nothing' | 'repeat' | 'keyframe' {
  if (shown.missingMs <= HOLD_AFTER_MS) return 'nothing';
  if (keyDue(shown, keyframeIntervalMs)) return 'keyframe';
  return shown.sinceFrameMs >= REPEAT_INTERVAL_MS ? 'repeat' : 'nothing';
}

function keyDue(shown: Shown, keyframeIntervalMs: number): boolean {
  const { missingMs, sinceKeyMs, keyAgeMs, paceMs, h264, same, held } = shown;
  const old = sinceKeyMs >= (h264 ? keyframeIntervalMs : OTHER_CODEC_INTERVAL_MS);
  if (held) return old || !same;
  if (keyAgeMs === undefined) return missingMs >= FIRST_FRAME_MS;
  const patienceMs =
    keyAgeMs > RARE_KEYFRAMES * keyframeIntervalMs ? KEYFRAME_AFTER_RARE_KEYFRAMES_MS : KEYFRAME_AFTER_MS;
  const slowMs = MISSED_FRAMES * Math.min(paceMs, MAX_PACE_MS);
  return missingMs >= Math.max(patienceMs, slowMs) && (old || !same);
}
