import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { FailedAttempts } from '../../../../src/server/auth/failed-attempts.ts';
import { refusal } from '../../../../src/server/auth/refusal.ts';

let clock: FakeClock;
let attempts: FailedAttempts;
/** Credentials that were checked, which costs a question. */
let asked: number;
beforeEach(() => {
  clock = new FakeClock();
  attempts = new FailedAttempts(clock);
  asked = 0;
});

type Outcome = 'accepted' | 'wrong' | 'unavailable' | 'not asked';
async function check(
  address: string | undefined,
  identity: string | undefined,
  answer: Promise<unknown> | 'right' | 'wrong' | 'unavailable',
): Promise<Outcome> {
  let outcome: Outcome = 'not asked';
  await attempts
    .check({ address, identity }, async () => {
      asked += 1;
      outcome = 'unavailable';
      if (answer === 'unavailable') throw new Error('the API server does not answer');
      outcome = 'wrong';
      if (answer === 'wrong') throw refusal('wrong');
      await answer;
      outcome = 'accepted';
    })
    .catch((error: unknown) => {
      if (outcome === 'not asked') expect(error).toMatchObject({ code: 'too-many-requests', status: 429 });
    });
  return outcome;
}
async function fail(
  times: number,
  address: string | undefined,
  identityOf: (attempt: number) => string,
): Promise<void> {
  for (let attempt = 0; attempt < times; attempt += 1) await check(address, identityOf(attempt), 'wrong');
}

describe('wrong credentials', () => {
  test('of one identity are checked 30 times a minute, and those of others all the same', async () => {
    await fail(40, '192.0.2.1', () => 'mallory');
    expect(asked).toBe(30);
    expect(await check('192.0.2.1', 'mallory', 'right')).toBe('not asked');
    expect(await check('::ffff:192.0.2.1', 'mallory', 'right')).toBe('not asked');
    expect(await check('192.0.2.1', 'ada', 'right')).toBe('accepted');
    expect(await check('192.0.2.2', 'mallory', 'right')).toBe('accepted');
  });

  test('of identities without number are checked 300 times a minute, and lock out no known one', async () => {
    await check('192.0.2.1', 'ada', 'right');
    await fail(1_000, '192.0.2.1', (attempt) => `mallory-${String(attempt)}`);
    expect(asked).toBe(301);
    expect(await check('192.0.2.1', 'new', 'right')).toBe('not asked');
    expect(await check('192.0.2.1', 'ada', 'right')).toBe('accepted');
    await clock.advance(60_000);
    expect(await check('192.0.2.1', 'new', 'right')).toBe('accepted');
  });

  test('of addresses in the same /64 are counted together', async () => {
    await fail(30, '2001:db8:0:1::1', () => '');
    expect(await check('2001:db8:0:1:ffff::2', '', 'right')).toBe('not asked');
    expect(await check('2001:db8:0:2::1', '', 'right')).toBe('accepted');
  });

  test('without address and identity are counted together', async () => {
    await fail(30, undefined, () => '');
    expect(await check(undefined, undefined, 'right')).toBe('not asked');
  });
});

test('credentials that were accepted, or could not be checked, are not counted', async () => {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    expect(await check('192.0.2.1', 'ada', 'right')).toBe('accepted');
    expect(await check('192.0.2.1', 'ada', 'unavailable')).toBe('unavailable');
  }
});

test('of thousands of credentials at once, few are checked at the same time', async () => {
  await check('192.0.2.1', 'ada', 'right');
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const outcomes = Array.from({ length: 5_000 }, (_, at) =>
    check('192.0.2.1', `mallory-${String(at)}`, promise),
  );
  expect(asked).toBe(1 + 16);
  // One that was accepted before, and those of other networks, do not wait for them.
  const others = [check('192.0.2.1', 'ada', promise), check('192.0.2.2', 'new', promise)];
  expect(asked).toBe(1 + 16 + 2);
  for (let network = 0; network < 100; network += 1)
    outcomes.push(check(`198.51.100.${String(network)}`, `new-${String(network)}`, promise));
  expect(asked).toBe(1 + 64);
  resolve('right');
  expect(await Promise.all(others)).toEqual(['accepted', 'accepted']);
  expect((await Promise.all(outcomes)).filter((outcome) => outcome === 'accepted')).toHaveLength(62);
  expect(await check('192.0.2.1', 'next', 'right')).toBe('accepted');
});
