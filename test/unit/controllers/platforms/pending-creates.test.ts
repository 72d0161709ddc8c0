import { beforeEach, describe, expect, test } from '@jest/globals';
import { PendingCreates } from '../../../../src/controllers/platforms/pending-creates.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';

const wish = 'channel-uid/lc-origin/first';
let clock: FakeClock;
let creates: PendingCreates;
beforeEach(() => {
  clock = new FakeClock();
  creates = new PendingCreates(clock);
});
/** What is left of a settle time of ten seconds. */
const unsettled = (): number => creates.unsettledMs(wish, 10);

test('what this process has recorded and not asked for cannot be there', () => {
  creates.recorded(wish);
  expect(creates.isFresh(wish)).toBe(true);
  expect(unsettled()).toBe(0);
});

test('what was asked for may show in a list after the settle time only', async () => {
  creates.recorded(wish);
  creates.sent(wish);
  expect(creates.isFresh(wish)).toBe(false);
  expect(unsettled()).toBe(10_000);
  await clock.advance(9_999);
  expect(unsettled()).toBe(1);
  await clock.advance(1);
  expect(unsettled()).toBe(0);
});

test('asked for again, it may be there from the last time on', async () => {
  creates.sent(wish);
  await clock.advance(10_000);
  creates.sent(wish);
  expect(unsettled()).toBe(10_000);
});

test('a call that gets no answer may have had its effect up to the moment in which that is noticed', async () => {
  creates.sent(wish);
  await clock.advance(20_000);
  creates.unanswered(wish);
  expect(unsettled()).toBe(10_000);
});

test('the process before may have asked up to its end: the time counts from the first look', async () => {
  expect(creates.isFresh(wish)).toBe(false);
  expect(unsettled()).toBe(10_000);
  await clock.advance(4_000);
  expect(unsettled()).toBe(6_000);
});

test('on a platform whose lists are never behind there is nothing to wait for', () => {
  creates.sent(wish);
  expect(creates.unsettledMs(wish, 0)).toBe(0);
});

describe('a refusal', () => {
  test('says that nothing was made', () => {
    creates.recorded(wish);
    creates.sent(wish);
    creates.refused(wish);
    expect(creates.isFresh(wish)).toBe(true);
    expect(unsettled()).toBe(0);
  });

  test('says nothing of a call before it whose answer was lost', async () => {
    creates.recorded(wish);
    creates.sent(wish); // no answer came
    await clock.advance(2_000);
    creates.sent(wish);
    creates.refused(wish);
    expect(creates.isFresh(wish)).toBe(false);
    expect(unsettled()).toBeGreaterThan(0);
  });

  test('nor of what the process before may have asked for', () => {
    expect(unsettled()).toBe(10_000);
    creates.sent(wish);
    creates.refused(wish);
    expect(creates.isFresh(wish)).toBe(false);
    expect(unsettled()).toBe(10_000);
  });
});

test('wishes are apart from each other, and those that came true are forgotten', () => {
  creates.recorded(wish);
  creates.recorded('another');
  creates.sent('another');
  expect(creates.isFresh(wish)).toBe(true);
  creates.forget(wish);
  creates.forget('another');
  expect([creates.isFresh(wish), creates.isFresh('another')]).toEqual([false, false]);
});
