import { describe, expect, test } from '@jest/globals';
import type { Step } from '../../../../src/channel/plan/next-step.ts';
import {
  deferralOf,
  deferralKey,
  slotKey,
  type DeferredSteps,
} from '../../../../src/controllers/live-channel/deferred-steps.ts';
import { aPod, aRecord, withoutId, withoutSlot } from '../../../support/channel/channel-examples.ts';

const failure = { part: 'stream', reason: 'PlatformUnavailable', message: 'It does not answer.' } as const;
/** What is deferred after this step has failed. */
function afterFailed(step: Step): DeferredSteps {
  const key = deferralKey(step);
  return new Map(key === undefined ? [] : [[key, { failure }]]);
}
const deletePod = {
  do: 'delete-pod',
  slot: 0,
  pod: aPod(),
  reason: 'Deleting',
  message: '',
} as const satisfies Step;

describe('after a failed step on a stream', () => {
  const holds = afterFailed({ do: 'ensure-stream', record: aRecord() });
  test('other steps on that stream are deferred, even if its record changes meanwhile', () => {
    expect(deferralOf(holds, aRecord())).toEqual({ failure });
    expect(
      deferralOf(holds, withoutSlot(withoutId(aRecord({ role: 'draining', attempt: 'second' })))),
    ).toEqual({
      failure,
    });
  });

  test('steps on other streams continue', () => {
    expect(deferralOf(holds, aRecord({ name: 'lc-low-latency' }))).toBeUndefined();
    expect(deferralOf(holds, aRecord({ platform: 'other' }))).toBeUndefined();
    expect(holds.has(slotKey(0))).toBe(false);
  });
});

describe('after a failed step on the pod or Secret of a slot', () => {
  const holds = afterFailed(deletePod);
  test('other steps in that slot are deferred, for any stream', () => {
    expect(deferralOf(holds, aRecord())).toEqual({ failure });
    expect(deferralOf(holds, aRecord({ platform: 'other', name: 'lc-other' }))).toEqual({ failure });
    expect(holds.has(slotKey(0))).toBe(true);
  });

  test('steps in the other slot and for streams without a slot continue', () => {
    expect(deferralOf(holds, aRecord({ slot: 1 }))).toBeUndefined();
    expect(deferralOf(holds, withoutSlot(aRecord()))).toBeUndefined();
  });
});

test('a failed step on the whole channel defers everything, independently of streams', () => {
  expect(afterFailed({ do: 'record', records: [] }).size).toBe(0);
  expect(afterFailed({ do: 'release' }).size).toBe(0);
});
