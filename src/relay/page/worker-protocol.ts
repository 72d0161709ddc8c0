/** Messages between the page and its worker. */
export type WorkerCommand =
  | { readonly type: 'connect'; readonly url: string }
  | { readonly type: 'keyframe-interval'; readonly intervalMs: number }
  /** The receivers whose frames are needed: those of the host that is followed. */
  | { readonly type: 'follow'; readonly receivers: readonly number[] }
  | { readonly type: 'request-keyframe' }
  /** Answered with WorkerCounts. */
  | { readonly type: 'count' };

/** Counts that the worker reports to the page. */
export interface WorkerCounts {
  /** Frames of followed receivers that could not be sent, since the worker started. */
  readonly framesDropped: number;
}

/** Options that the worker receives with each transform. */
export interface TransformOptions {
  readonly receiver: number;
  readonly kind: 'video' | 'audio';
}
