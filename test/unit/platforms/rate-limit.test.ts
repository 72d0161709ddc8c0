import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { RateLimits, TokenBucket, type RateLimit } from '../../../src/platforms/rate-limit.ts';

const never = new AbortController().signal;

/** Takes a token at each of the times (milliseconds from the start). Returns when each was granted. */
async function turns(limit: RateLimit, times: readonly number[]): Promise<readonly number[]> {
  const clock = new FakeClock();
  const bucket = new TokenBucket(limit, clock);
  const got: Promise<number>[] = [];
  for (const time of [...times].sort((one, other) => one - other)) {
    await clock.advance(time - clock.monotonic());
    got.push(bucket.take(never).then(() => clock.monotonic()));
  }
  await clock.advance((times.length / limit.perSecond) * 1_000 + 1_000);
  return Promise.all(got);
}

const limits = fc.record({
  perSecond: fc.constantFrom(1, 3, 5, 10, 100),
  burst: fc.integer({ min: 1, max: 10 }),
});
const times = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 40 });
/** Tolerance for sums of fractions of milliseconds. */
const EPSILON = 1e-6;

describe('token bucket', () => {
  test('never grants more in any period than the burst and the rate allow', async () => {
    await fc.assert(
      fc.asyncProperty(limits, times, async (limit, asked) => {
        const got = await turns(limit, asked);
        for (let first = 0; first < got.length; first++)
          for (let last = first; last < got.length; last++) {
            const seconds = ((got[last] ?? 0) - (got[first] ?? 0)) / 1_000;
            expect(last - first + 1).toBeLessThanOrEqual(limit.burst + seconds * limit.perSecond + EPSILON);
          }
      }),
      { numRuns: 60 },
    );
  });

  test('grants tokens in the order of requests, none later than the rate requires', async () => {
    await fc.assert(
      fc.asyncProperty(limits, times, async (limit, asked) => {
        const came = [...asked].sort((one, other) => one - other);
        const got = await turns(limit, asked);
        expect(got).toEqual([...got].sort((one, other) => one - other));
        got.forEach((time, index) => {
          const spacing = 1_000 / limit.perSecond;
          // Like a bucket of tokens: it waits for the one before it, or it is granted at once.
          const before = got[index - limit.burst];
          const soonest = Math.max(came[index] ?? 0, before === undefined ? 0 : before + spacing);
          expect(time).toBeLessThanOrEqual(Math.max(soonest, (got[index - 1] ?? 0) + spacing) + EPSILON);
        });
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['five a second, one at a time', { perSecond: 5, burst: 1 }, [0, 200, 400, 600]],
    ['five a second, two at once', { perSecond: 5, burst: 2 }, [0, 0, 200, 400]],
    ['three a second', { perSecond: 3, burst: 1 }, [0, 1_000 / 3, 2_000 / 3, 1_000]],
    ['four a second, in one burst', { perSecond: 1, burst: 4 }, [0, 0, 0, 0]],
  ])('%s: four concurrent requests', async (_what, limit, expected) => {
    const got = await turns(limit, [0, 0, 0, 0]);
    got.forEach((time, index) => {
      expect(time).toBeCloseTo(expected[index] ?? NaN);
    });
  });

  test('accumulates no more than its burst while unused', async () => {
    const got = await turns({ perSecond: 5, burst: 2 }, [0, 60_000, 60_000, 60_000]);
    expect(got).toEqual([0, 60_000, 60_000, 60_200]);
  });

  test('a thousand concurrent requests at five a second take 200 s', async () => {
    const got = await turns(
      { perSecond: 5, burst: 2 },
      Array.from({ length: 1_000 }, () => 0),
    );
    expect(got.at(-1)).toBeCloseTo(199_600);
  });

  test('grants nothing while on hold, not even a burst', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 5, burst: 1 }, clock);
    bucket.hold(1_000);
    const got = [1, 2].map(() => bucket.take(never).then(() => clock.monotonic()));
    await clock.advance(2_000);
    expect(await Promise.all(got)).toEqual([1_000, 1_200]);
  });

  test('is unaffected by a hold that is shorter than its wait', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, clock);
    await bucket.take(never);
    bucket.hold(10);
    const got = bucket.take(never).then(() => clock.monotonic());
    await clock.advance(1_000);
    expect(await got).toBe(1_000);
  });

  test('keeps a burst of more than one on hold, too', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 5, burst: 3 }, clock);
    bucket.hold(1_000);
    const got = [1, 2, 3].map(() => bucket.take(never).then(() => clock.monotonic()));
    await clock.advance(3_000);
    for (const time of await Promise.all(got)) expect(time).toBeGreaterThanOrEqual(1_000);
  });

  test('rejects an aborted request, before or while waiting, and grants its token to the next', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, clock);
    await expect(bucket.take(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    await bucket.take(never);
    const giving = new AbortController();
    const gaveUp = bucket.take(giving.signal);
    const after = bucket.take(never).then(() => clock.monotonic());
    giving.abort();
    await expect(gaveUp).rejects.toMatchObject({ name: 'AbortError' });
    await clock.advance(2_000);
    expect(await after).toBe(1_000);
  });
});

describe('the buckets of a process', () => {
  test('exist once for each key', () => {
    const all = new RateLimits(new FakeClock());
    const limit = { perSecond: 5, burst: 2 };
    expect(all.bucket('a', limit)).toBe(all.bucket('a', limit));
    expect(all.bucket('a', limit)).not.toBe(all.bucket('b', limit));
  });
});
