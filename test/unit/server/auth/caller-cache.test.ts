import { describe, expect, jest, test } from '@jest/globals';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { cacheTimes, CallerCache } from '../../../../src/server/auth/caller-cache.ts';
import { refusal } from '../../../../src/server/auth/refusal.ts';
import type { Accepted } from '../../../../src/server/auth/verifier.ts';
import { ApiProblem } from '../../../../src/server/problems.ts';

const app = { subject: 'api-key:abc', scope: 'operate' } as const;
const away = new ApiProblem('store-unavailable', 'The database does not answer.');

function stage(most?: number) {
  const clock = new FakeClock();
  const cache = new CallerCache(clock, most === undefined ? {} : { most });
  const ask = jest.fn(async (_signal: AbortSignal, _known: boolean): Promise<Accepted> => ({ caller: app }));
  return { clock, cache, ask };
}

describe('the cache of authenticated callers', () => {
  test('authenticates once for all requests within seconds, and again afterwards', async () => {
    const { clock, cache, ask } = stage();
    for (let request = 0; request < 100; request += 1) expect(await cache.callerOf('a', ask)).toEqual(app);
    expect(ask).toHaveBeenCalledTimes(1);
    await clock.advance(cacheTimes.acceptedMs);
    await cache.callerOf('a', ask);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('authenticates once for concurrent requests', async () => {
    const { cache, ask } = stage();
    await Promise.all(Array.from({ length: 50 }, () => cache.callerOf('a', ask)));
    expect(ask).toHaveBeenCalledTimes(1);
  });

  test('authenticates each token separately', async () => {
    const { cache, ask } = stage();
    await cache.callerOf('a', ask);
    ask.mockResolvedValueOnce({ caller: { subject: 'api-key:other', scope: 'playback' } });
    expect((await cache.callerOf('b', ask)).subject).toBe('api-key:other');
  });

  test('caches a rejection for a limited time', async () => {
    const { clock, cache, ask } = stage();
    ask.mockRejectedValueOnce(refusal('no'));
    for (let request = 0; request < 10; request += 1)
      await expect(cache.callerOf('a', ask)).rejects.toMatchObject({ code: 'not-authenticated' });
    expect(ask).toHaveBeenCalledTimes(1);
    await clock.advance(cacheTimes.refusedMs);
    expect(await cache.callerOf('a', ask)).toEqual(app);
  });

  test('rejects a token that was revoked meanwhile after the cache time, and from then on', async () => {
    const { clock, cache, ask } = stage();
    await cache.callerOf('a', ask);
    await clock.advance(cacheTimes.acceptedMs);
    ask.mockRejectedValueOnce(refusal('revoked'));
    await expect(cache.callerOf('a', ask)).rejects.toMatchObject({ code: 'not-authenticated' });
    await clock.advance(cacheTimes.refusedMs);
    ask.mockRejectedValueOnce(away);
    await expect(cache.callerOf('a', ask)).rejects.toBe(away);
  });

  test('during an outage, rejects an unknown token and tries again with the next request', async () => {
    const { cache, ask } = stage();
    ask.mockRejectedValueOnce(away);
    await expect(cache.callerOf('a', ask)).rejects.toBe(away);
    expect(await cache.callerOf('a', ask)).toEqual(app);
  });

  test('during an outage, accepts a known token for minutes, without a call for each request', async () => {
    const { clock, cache, ask } = stage();
    await cache.callerOf('a', ask);
    ask.mockRejectedValue(away);
    const end = clock.monotonic() + cacheTimes.withoutAnswerMs;
    while (clock.monotonic() < end) {
      expect(await cache.callerOf('a', ask)).toEqual(app);
      await clock.advance(500);
    }
    expect(ask.mock.calls.length).toBeLessThanOrEqual(1 + cacheTimes.withoutAnswerMs / cacheTimes.pauseMs);
    await clock.advance(cacheTimes.pauseMs);
    await expect(cache.callerOf('a', ask)).rejects.toBe(away);
  });

  test('rejects an expired token, cached or not', async () => {
    const { clock, cache, ask } = stage();
    const expiresAt = new Date(clock.now().getTime() + 1_000);
    ask.mockResolvedValueOnce({ caller: app, expiresAt });
    await cache.callerOf('a', ask);
    await clock.advance(1_000);
    ask.mockRejectedValueOnce(away);
    await expect(cache.callerOf('a', ask)).rejects.toBe(away);
  });

  test('passes on whether the token was valid before', async () => {
    const { clock, cache, ask } = stage();
    await cache.callerOf('a', ask);
    await clock.advance(cacheTimes.acceptedMs);
    await cache.callerOf('a', ask);
    expect(ask.mock.calls.map(([, known]) => known)).toEqual([false, true]);
  });

  test('keeps valid tokens with any number of invalid ones', async () => {
    const { cache, ask } = stage(10);
    await cache.callerOf('right', ask);
    for (let wrong = 0; wrong < 100; wrong += 1) {
      ask.mockRejectedValueOnce(refusal('no'));
      await expect(cache.callerOf(`wrong-${wrong}`, ask)).rejects.toThrow();
    }
    ask.mockClear();
    await cache.callerOf('right', ask);
    expect(ask).not.toHaveBeenCalled();
  });
});
