import type { Timing } from '../base/timing.ts';

/**
 * Durations of src/cluster that users can notice. docs/reference/timings.md is generated from the table at the end; a
 * test checks that each constant is in the table.
 */

/** A missing permission shows only when a call needs it, and no call of that kind may be due for a long time. */
export const REFUSAL_HOLD_MS = 300_000;
/** Less than the time limit of a reconcile, which would otherwise end first, without a reason. */
export const FIRST_LISTING_TIMEOUT_MS = 50_000;

export const clusterTimings: readonly Timing[] = [
  {
    name: 'REFUSAL_HOLD_MS',
    ms: REFUSAL_HOLD_MS,
    what: 'Time that a refused call counts against a platform while no call of that kind is tried again',
    visibleAs: 'Ready of the StreamingPlatform stays False with reason PermissionDenied',
  },
  {
    name: 'FIRST_LISTING_TIMEOUT_MS',
    ms: FIRST_LISTING_TIMEOUT_MS,
    what: 'Time that a platform may take to list its streams while lost records are rebuilt',
    visibleAs: 'nothing: it is tried again',
  },
];
