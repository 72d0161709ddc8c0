/** What the page and its worker say to each other. */
export type WorkerCommand =
  | { readonly type: 'connect'; readonly url: string }
  | { readonly type: 'keyframe-interval'; readonly intervalMs: number }
  /** Which receivers' frames are wanted: those of the host that is followed. */
  | { readonly type: 'follow'; readonly receivers: readonly number[] }
  | { readonly type: 'request-keyframe' }
  /** Answered with WorkerCounts. */
  | { readonly type: 'count' };

export interface WorkerCounts {
  /** Frames of followed receivers that could not be handed over, since the worker began. */
  readonly framesDropped: number;
}

/** Given to the worker with each transform. */
export interface TransformOptions {
  readonly receiver: number;
  readonly kind: 'video' | 'audio';
}
