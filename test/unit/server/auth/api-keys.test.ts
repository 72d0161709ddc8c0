import { randomBytes } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { apiKeyText, hashOf, newApiKey } from '../../../../src/server/auth/api-key.ts';
import { apiKeys } from '../../../../src/server/auth/api-keys.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import type { ApiKeyRecord } from '../../../../src/store/store.ts';

const { signal } = new AbortController();

function stage(change: Partial<ApiKeyRecord> = {}) {
  const clock = new FakeClock();
  const key = newApiKey(randomBytes);
  const record: ApiKeyRecord = {
    id: key.id,
    name: 'app',
    hash: hashOf(key.secret),
    scopes: ['operate'],
    createdAt: clock.now(),
    expiresAt: undefined,
    revokedAt: undefined,
    lastUsedAt: undefined,
    ...change,
  };
  const store = {
    apiKey: jest.fn(async (id: string): Promise<ApiKeyRecord | undefined> =>
      id === key.id ? record : undefined,
    ),
    apiKeyUsed: jest.fn(async () => {}),
  };
  const verify = apiKeys({ store, clock, logger: silentLogger });
  return { clock, key, text: apiKeyText(key), store, verify };
}

describe('API keys', () => {
  test('a valid key identifies its subject and scope', async () => {
    const { key, text, verify } = stage();
    expect(await verify(text, signal)).toEqual({
      caller: { subject: `api-key:${key.id}`, scope: 'operate' },
      expiresAt: undefined,
    });
  });

  test.each([
    [['playback'], 'playback'],
    [['playback', 'admin'], 'admin'],
    [['something-newer'], undefined],
    [[], undefined],
  ])('the scopes %j amount to %s', async (scopes, scope) => {
    const { text, verify } = stage({ scopes });
    expect((await verify(text, signal)).caller.scope).toBe(scope);
  });

  test('a malformed key is rejected without a query', async () => {
    const { verify, store } = stage();
    await expect(verify('lc_abc', signal)).rejects.toMatchObject({ code: 'not-authenticated' });
    expect(store.apiKey).not.toHaveBeenCalled();
  });

  test('a wrong secret and an unknown id are rejected with the same message', async () => {
    const { key, verify } = stage();
    const other = newApiKey(randomBytes);
    const wrongSecret = await verify(apiKeyText({ ...other, id: key.id }), signal).catch(String);
    const wrongId = await verify(apiKeyText(other), signal).catch(String);
    expect(wrongSecret).toBe(wrongId);
    expect(wrongSecret).toContain('The API key does not exist');
  });

  test('a revoked key is rejected', async () => {
    const { text, verify } = stage({ revokedAt: new Date('2020-01-01') });
    await expect(verify(text, signal)).rejects.toThrow('revoked');
  });

  test('an expired key is rejected from that moment', async () => {
    const { clock, text, verify } = stage({ expiresAt: new Date('2026-01-01T00:00:10Z') });
    await clock.advance(9_999);
    await verify(text, signal);
    await clock.advance(1);
    await expect(verify(text, signal)).rejects.toThrow('expired');
  });

  test('a rejection has the challenge of RFC 6750, and does not contain the key', async () => {
    const { text, verify } = stage({ revokedAt: new Date() });
    const problem: unknown = await verify(text, signal).catch((error: unknown) => error);
    expect(problem).toMatchObject({
      headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') },
    });
    expect(JSON.stringify(problem)).not.toContain(text.slice(-20));
  });

  test('the time of last use is written at most once a minute, asynchronously', async () => {
    const { clock, text, verify, store } = stage();
    store.apiKeyUsed.mockRejectedValue(new StoreError('Unavailable', 'away'));
    for (let request = 0; request < 10; request += 1) await verify(text, signal);
    expect(store.apiKeyUsed).toHaveBeenCalledTimes(1);
    await clock.advance(60_000);
    await verify(text, signal);
    expect(store.apiKeyUsed).toHaveBeenCalledTimes(2);
  });

  test('an unavailable database is reported as such, and not as a wrong key', async () => {
    const { text, verify, store } = stage();
    store.apiKey.mockRejectedValueOnce(new StoreError('Unavailable', 'away'));
    await expect(verify(text, signal)).rejects.toMatchObject({ code: 'store-unavailable', status: 503 });
  });

  test('the same without a database', async () => {
    const { clock, text } = stage();
    const verify = apiKeys({ store: undefined, clock, logger: silentLogger });
    await expect(verify(text, signal)).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});
