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
