/** Time without a frame after which the last frame is repeated. */
const HOLD_AFTER_MS = 500;
/** Time without a frame after which a keyframe is shown, from which on the host has to send a keyframe, too. */
const KEYFRAME_AFTER_MS = 1_000;
/** The same for a host that hardly ever sends keyframes: its video would not be back soon. */
const KEYFRAME_AFTER_RARE_KEYFRAMES_MS = 5_000;
const RARE_KEYFRAME_INTERVALS = 3;
/** A static shared screen is sent about once per second: this number of frames must be missing. */
const MISSED_FRAMES = 3;
const MAX_PACE_MS = 1_500;
/** How long the first frame of a host that sends audio may take. */
const FIRST_FRAME_MS = 3_000;
const REPEAT_INTERVAL_MS = 200;
/** Transcoded codecs have no small repeat frame, and the encoder needs frames as input. */
const OTHER_CODEC_INTERVAL_MS = 500;

/** What has been sent; durations in milliseconds. */
export interface Shown {
  /** Since the host's last frame was sent, or before the first frame, since anything of the host arrived. */
  readonly missingMs: number;
  /** Since the last frame of any origin was sent, and since the last keyframe. */
  readonly sinceFrameMs: number;
  readonly sinceKeyMs: number;
  /** Age of the host's last keyframe when its last frame was sent; undefined before its first. */
  readonly keyAgeMs: number | undefined;
  /** Time between the host's last two frames. */
  readonly paceMs: number;
  /**
   * Of what would be shown: whether it is H.264, and whether it is what is shown now (the host's video, or its
   * replacement).
   */
  readonly h264: boolean;
  readonly same: boolean;
  /** Whether a keyframe already replaces the host's frames. */
  readonly held: boolean;
}

/**
 * Decides what is due when no frame arrives: `repeat`, a repetition of the last frame, or `keyframe`, the held
 * keyframe. Pure.
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
    keyAgeMs > RARE_KEYFRAME_INTERVALS * keyframeIntervalMs
      ? KEYFRAME_AFTER_RARE_KEYFRAMES_MS
      : KEYFRAME_AFTER_MS;
  const slowMs = MISSED_FRAMES * Math.min(paceMs, MAX_PACE_MS);
  return missingMs >= Math.max(patienceMs, slowMs) && (old || !same);
}
