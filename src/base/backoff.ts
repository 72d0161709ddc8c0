/** How long to wait after the n-th failure in a row. */
export interface BackoffPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly factor: number;
  /** Share of the delay that chance may add: 0.5 makes 1 s anything from 1 to 1.5 s. */
  readonly jitter: number;
}

/** The delay before try number `failures + 1`; `failures` counts from 1. */
export function backoffDelay(policy: BackoffPolicy, failures: number, random: () => number): number {
  const exponent = Math.min(Math.max(failures, 1) - 1, 64);
  const base = Math.min(policy.initialMs * policy.factor ** exponent, policy.maxMs);
  return base * (1 + policy.jitter * random());
}
