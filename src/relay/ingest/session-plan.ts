import type { Reason } from '../../api/reasons.ts';

/**
 * How the frames of a session are produced. Another plan requires another FFmpeg, and therefore another RTMP session.
 */
export type SessionPlan =
  /** As the host encoded them. */
  { readonly mode: 'passthrough' } | TranscodePlan;

/** Decoded and encoded again, at a fixed resolution and bitrate. */
export interface TranscodePlan {
  readonly mode: 'transcode';
  /** Pixels, even. The host's video is fitted in, with bars if its aspect ratio differs. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly videoBitrateKbps: number;
  readonly keyframeSeconds: number;
  readonly constantBitrate: boolean;
}

/** The chosen plan, and the reason for it. */
export interface PlanChoice {
  /** undefined: what the host sends cannot be sent within the settings. */
  readonly plan: SessionPlan | undefined;
  /** Reason for the plan; RelayStarting while there is none. */
  readonly reason: Reason;
  readonly message: string;
  /** When a transcode was last needed. */
  readonly neededAt: number;
}

/** Whether both plans can use the same session. */
export function samePlan(one: SessionPlan, other: SessionPlan): boolean {
  if (one.mode === 'passthrough' || other.mode === 'passthrough') return one.mode === other.mode;
  return (
    one.width === other.width &&
    one.height === other.height &&
    one.frameRate === other.frameRate &&
    one.videoBitrateKbps === other.videoBitrateKbps &&
    one.keyframeSeconds === other.keyframeSeconds &&
    one.constantBitrate === other.constantBitrate
  );
}
