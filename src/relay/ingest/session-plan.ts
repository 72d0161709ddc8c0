import type { Reason } from '../../api/reasons.ts';

/** How a session's frames are made. Another plan is another FFmpeg, and so another RTMP session. */
export type SessionPlan =
  /** As the host encoded them. */
  { readonly mode: 'passthrough' } | TranscodePlan;

/** Decoded and encoded again, at a size and a rate that do not change. */
export interface TranscodePlan {
  readonly mode: 'transcode';
  /** Pixels, even. The host's video is fitted in, with bars where its shape is another. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly videoBitrateKbps: number;
  readonly keyframeSeconds: number;
  readonly constantBitrate: boolean;
}

/** Which plan was chosen, and why. */
export interface PlanChoice {
  /** undefined: what the host sends cannot be sent on as the settings ask. */
  readonly plan: SessionPlan | undefined;
  /** What speaks for it; RelayStarting while there is nothing to say. */
  readonly reason: Reason;
  readonly message: string;
  /** When a transcode was last needed. */
  readonly neededAt: number;
}

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
