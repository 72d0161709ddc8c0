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
/** What is held after this step failed. */
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

describe('after a step on a stream failed', () => {
  const holds = afterFailed({ do: 'ensure-stream', record: aRecord() });
  test('nothing more is tried on that stream, whatever is noted of it meanwhile', () => {
    expect(deferralOf(holds, aRecord())).toEqual({ failure });
    expect(
      deferralOf(holds, withoutSlot(withoutId(aRecord({ role: 'draining', attempt: 'second' })))),
    ).toEqual({
      failure,
    });
  });

  test('others go on', () => {
    expect(deferralOf(holds, aRecord({ name: 'lc-low-latency' }))).toBeUndefined();
    expect(deferralOf(holds, aRecord({ platform: 'other' }))).toBeUndefined();
    expect(holds.has(slotKey(0))).toBe(false);
  });
});

describe('after a step on a slot’s children failed', () => {
  const holds = afterFailed(deletePod);
  test('nothing more is tried in that slot, for whatever stream', () => {
    expect(deferralOf(holds, aRecord())).toEqual({ failure });
    expect(deferralOf(holds, aRecord({ platform: 'other', name: 'lc-other' }))).toEqual({ failure });
    expect(holds.has(slotKey(0))).toBe(true);
  });

  test('the other slot goes on, and a stream that is in none', () => {
    expect(deferralOf(holds, aRecord({ slot: 1 }))).toBeUndefined();
    expect(deferralOf(holds, withoutSlot(aRecord()))).toBeUndefined();
  });
});

test('a step on the channel as a whole holds everything, which is not for a stream to know', () => {
  expect(afterFailed({ do: 'record', records: [] }).size).toBe(0);
  expect(afterFailed({ do: 'release' }).size).toBe(0);
});
