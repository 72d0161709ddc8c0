import { describe, expect, test } from '@jest/globals';
import { EventCorrelator, type EventInput } from '../../../src/kube/event-correlator.ts';

const failed: EventInput = { about: 'uid-1', type: 'Warning', reason: 'Failed', message: 'no image' };

describe('event correlation', () => {
  test('a repeated event raises the count of the first', () => {
    const correlator = new EventCorrelator();
    const first = correlator.correlate(failed, 1_000);
    const again = correlator.correlate(failed, 2_000);
    expect(first).toMatchObject({ first: true, count: 1, firstSeen: 1_000 });
    expect(again).toEqual({ ...first, first: false, count: 2 });
  });

  test.each([
    ['object', { about: 'uid-2' }],
    ['type', { type: 'Normal' as const }],
    ['reason', { reason: 'Other' }],
    ['message', { message: 'no node' }],
  ])('another %s is another event', (_, other) => {
    const correlator = new EventCorrelator();
    const first = correlator.correlate(failed, 0);
    const second = correlator.correlate({ ...failed, ...other }, 0);
    expect(second?.first).toBe(true);
    expect(second?.id).not.toBe(first?.id);
  });

  test('more than ten similar events, which differ in their message only, are combined', () => {
    const correlator = new EventCorrelator();
    const sent = Array.from({ length: 15 }, (_, n) =>
      correlator.correlate({ ...failed, message: `try ${String(n)}` }, n),
    );
    expect(sent.slice(0, 10).every((each) => each?.first === true)).toBe(true);
    expect(sent[10]).toMatchObject({ first: true, message: '(combined from similar events): try 10' });
    expect(sent[14]).toMatchObject({ first: false, count: 5, id: sent[10]?.id });
  });

  test('similar events far apart are not combined', () => {
    const correlator = new EventCorrelator();
    for (let n = 0; n < 20; n += 1) {
      const sent = correlator.correlate({ ...failed, message: `try ${String(n)}` }, n * 300_000);
      expect(sent?.message).toBe(`try ${String(n)}`);
    }
  });

  test('an object with too many events is throttled, and may emit one every five minutes', () => {
    const correlator = new EventCorrelator();
    const sent = Array.from({ length: 100 }, () => correlator.correlate(failed, 0)).filter(
      (each) => each !== undefined,
    );
    expect(sent).toHaveLength(25);
    expect(correlator.correlate(failed, 299_999)).toBeUndefined();
    expect(correlator.correlate(failed, 300_000)).toBeDefined();
    expect(correlator.correlate(failed, 300_001)).toBeUndefined();
    expect(correlator.correlate({ ...failed, about: 'uid-2' }, 300_001)).toBeDefined();
  });

  test('old entries are removed, so that memory is bounded', () => {
    const correlator = new EventCorrelator();
    correlator.correlate(failed, 0);
    for (let n = 0; n < 5_000; n += 1) correlator.correlate({ ...failed, about: `other-${String(n)}` }, 0);
    expect(correlator.correlate(failed, 0)).toMatchObject({ first: true, count: 1 });
  });
});
