import { setTimeout as pause } from 'node:timers/promises';

/**
 * An observation window: lets `seconds` pass while something that is already running is watched, e.g. a viewer whose
 * gaps are measured afterwards, or a peer that must not come back. It is not a way to wait for something to happen:
 * that is `eventually`, which has a condition and a deadline.
 *
 * @example
 * await using viewer = new Viewer(() => Promise.resolve(url));
 * await observeFor(6); // the usual state, before the fault
 */
export function observeFor(seconds: number): Promise<void> {
  return pause(seconds * 1_000);
}
