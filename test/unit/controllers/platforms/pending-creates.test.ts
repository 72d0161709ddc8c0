import { beforeEach, describe, expect, test } from '@jest/globals';
import { PendingCreates } from '../../../../src/controllers/platforms/pending-creates.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';

const wish = 'channel-uid/lc-origin/first';
const its = { uid: 'channel-uid', isFirst: true };
let clock: FakeClock;
let creates: PendingCreates;
beforeEach(() => {
  clock = new FakeClock();
  creates = new PendingCreates(clock);
});
/** The rest of a settle time of ten seconds. */
const unsettled = (): number => creates.unsettledMs(wish, 10);

test('a stream that this process has recorded but not requested cannot exist', () => {
  creates.recorded(wish, its);
  expect(creates.isFresh(wish)).toBe(true);
  expect(unsettled()).toBe(0);
});

test('a requested stream may not be in lists before the settle time', async () => {
  creates.recorded(wish, its);
  creates.sent(wish);
  expect(creates.isFresh(wish)).toBe(false);
  expect(unsettled()).toBe(10_000);
  await clock.advance(9_999);
  expect(unsettled()).toBe(1);
  await clock.advance(1);
  expect(unsettled()).toBe(0);
});

test('the settle time starts over with a repeated request', async () => {
  creates.sent(wish);
  await clock.advance(10_000);
  creates.sent(wish);
  expect(unsettled()).toBe(10_000);
});

test('without an answer, the settle time starts when the call has failed', async () => {
  creates.sent(wish);
  await clock.advance(20_000);
  creates.unanswered(wish);
  expect(unsettled()).toBe(10_000);
});

test('the previous process may have sent requests up to its end: the settle time starts at the first check', async () => {
  expect(creates.isFresh(wish)).toBe(false);
  expect(unsettled()).toBe(10_000);
  await clock.advance(4_000);
  expect(unsettled()).toBe(6_000);
});

test('on a platform whose lists are never behind, there is no settle time', () => {
  creates.sent(wish);
  expect(creates.unsettledMs(wish, 0)).toBe(0);
});

describe('a refused create', () => {
  test('has no effect', () => {
    creates.recorded(wish, its);
    creates.sent(wish);
    creates.refused(wish);
    expect(creates.isFresh(wish)).toBe(true);
    expect(unsettled()).toBe(0);
  });

  test('says nothing about an earlier call whose answer was lost', async () => {
    creates.recorded(wish, its);
    creates.sent(wish); // without an answer
    await clock.advance(2_000);
    creates.sent(wish);
    creates.refused(wish);
    expect(creates.isFresh(wish)).toBe(false);
    expect(unsettled()).toBeGreaterThan(0);
  });

  test('says nothing about the requests of the previous process', () => {
    expect(unsettled()).toBe(10_000);
    creates.sent(wish);
    creates.refused(wish);
    expect(creates.isFresh(wish)).toBe(false);
    expect(unsettled()).toBe(10_000);
  });
});

test('attempts are independent, and completed ones are forgotten', () => {
  creates.recorded(wish, its);
  creates.recorded('another', its);
  creates.sent('another');
  expect(creates.isFresh(wish)).toBe(true);
  creates.forget(wish);
  creates.forget('another');
  expect([creates.isFresh(wish), creates.isFresh('another')]).toEqual([false, false]);
});

describe('the first attempt of a channel', () => {
  test('needs no search, until it was sent', () => {
    creates.recorded(wish, its);
    expect(creates.isFirst(wish)).toBe(true);
    creates.sent(wish);
    expect(creates.isFirst(wish)).toBe(false);
    creates.refused(wish);
    expect(creates.isFirst(wish)).toBe(true);
    creates.forget(wish);
    expect(creates.isFirst(wish)).toBe(false);
  });

  test('is not a later one', () => {
    creates.recorded(wish, { ...its, isFirst: false });
    expect([creates.isFresh(wish), creates.isFirst(wish)]).toEqual([true, false]);
  });

  test('is not one after the records were lost: a stream may exist that is not listed yet', () => {
    creates.recordsLost('channel-uid');
    creates.recorded(wish, its);
    expect([creates.isFresh(wish), creates.isFirst(wish)]).toEqual([false, false]);
    expect(unsettled()).toBe(10_000);
    creates.recorded('other-uid/lc/first', { uid: 'other-uid', isFirst: true });
    expect(creates.isFirst('other-uid/lc/first')).toBe(true);
  });
});
