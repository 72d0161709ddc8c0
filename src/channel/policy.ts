/** How long things may take that the spec does not say; from the operator's settings. Milliseconds. */
export interface Policy {
  /** An old stream goes on for so long after viewers were sent to the new one. */
  readonly drainMs: number;
  /** So long on the fallback platform before the way back is tried, and between two tries. */
  readonly returnAfterMs: number;
  /** A try of the way back is given up after this. */
  readonly returnAttemptMs: number;
}
