/** How the delay grows with consecutive failures: exponentially, with a limit and with jitter. */
export interface BackoffPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly factor: number;
  /** Random share of the delay. 0.5 adds up to 50%; with `spread: 'around'`, it adds or subtracts up to 50%. */
  readonly jitter: number;
  /**
   * `after` (default): never shorter than the computed delay, for servers that state a minimum.
   * `around`: evenly on both sides, so that the mean is the computed delay.
   */
  readonly spread?: 'after' | 'around';
}

/**
 * Returns the delay in milliseconds before attempt number `failures + 1`; `failures` counts from 1. Jitter prevents
 * many clients that lost the same server from returning at the same moment.
 * @param random returns a number from 0 to 1
 */
export function backoffDelay(policy: BackoffPolicy, failures: number, random: () => number): number {
  const exponent = Math.min(Math.max(failures, 1) - 1, 64);
  const delay = Math.min(policy.initialMs * policy.factor ** exponent, policy.maxMs);
  const chance = policy.spread === 'around' ? 2 * random() - 1 : random();
  return delay * (1 + policy.jitter * chance);
}
