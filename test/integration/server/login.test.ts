import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cacheTimes } from '../../../src/server/auth/caller-cache.ts';
import { BrowserDouble } from '../../support/server/browser-double.ts';
import { aSessionKey, LoginStage } from '../../support/server/login-stage.ts';

const HOUR = 3_600_000;
const cookieName = '__Host-livechannel';

let stage: LoginStage;
let browser: BrowserDouble;
beforeEach(async () => {
  stage = await LoginStage.start();
  browser = new BrowserDouble(() => stage.url);
});
afterEach(() => stage[Symbol.asyncDispose]());

async function logIn(apiKey = stage.apiKey('admin')): Promise<string> {
  expect((await browser.post('/login', { apiKey })).status).toBe(200);
  return apiKey;
}

const idOf = (key: string): string => key.split('_')[1] ?? '';
const statusOf = async (path = '/v1/channels'): Promise<number> => (await browser.get(path)).status;
/** Time for the service to check the key of a session again. */
const untilRechecked = () => stage.clock.advance(cacheTimes.acceptedMs);

describe('login with an API key', () => {
  test('starts a session in a cookie that scripts cannot read, and that other sites cannot send', async () => {
    const key = stage.apiKey('operate');
    const answer = await browser.post('/login', { apiKey: key });
    expect(await answer.json()).toEqual({
      subject: `api-key:${idOf(key)}`,
      scope: 'operate',
      expiresAt: new Date(stage.clock.now().getTime() + 8 * HOUR).toISOString(),
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [cookie = '', ...others] = browser.setCookies;
    expect(others).toEqual([]);
    const [value = '', ...attributes] = cookie.split('; ');
    expect(attributes.toSorted()).toEqual([
      'HttpOnly',
      `Max-Age=${String((8 * HOUR) / 1_000)}`,
      'Path=/',
      'SameSite=Strict',
      'Secure',
    ]);
    // A JWE by direct encryption: five parts, the second one empty. Its content cannot be read.
    expect(value).toMatch(new RegExp(`^${cookieName}=[\\w-]+\\.\\.[\\w-]+\\.[\\w-]+\\.[\\w-]+$`));
  });

  test('names the methods before it', async () => {
    expect(await (await browser.get('/login')).json()).toEqual({ methods: ['api-key'] });
  });

  test('the session is the caller of REST and of tRPC, with the scope of its key', async () => {
    const key = await logIn(stage.apiKey('operate'));
    expect(await statusOf('/v1/channels')).toBe(200);
    expect(await statusOf('/trpc/channels.list')).toBe(200);
    expect((await browser.post('/trpc/relay.stop', { channelId: '4711' })).status).toBe(200);
    expect((await browser.post('/v1/channels', { id: '4711' })).status).toBe(201);
    const refused = await browser.get('/v1/costs?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      scope: 'admin',
      detail: expect.stringContaining(idOf(key)),
    });
  });

  test('credentials in the header take precedence over the cookie', async () => {
    await logIn();
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    const asViewer = await browser.send('GET', '/v1/channels', undefined, bearer(stage.apiKey('playback')));
    expect(asViewer.status).toBe(403);
    expect((await browser.send('GET', '/v1/channels', undefined, bearer('lc_wrong'))).status).toBe(401);
  });

  test.each([
    ['an unknown key', () => `lc_${'x'.repeat(12)}_${'y'.repeat(43)}`, 401],
    ['text that is no key', () => 'hunter2', 401],
    ['a revoked key', () => stage.apiKey('admin', { revokedAt: new Date() }), 401],
    ['an expired key', () => stage.apiKey('admin', { expiresAt: new Date(0) }), 401],
    ["a viewer's key", () => stage.apiKey('playback'), 403],
  ])('%s is refused, without a cookie', async (_what, key, status) => {
    expect((await browser.post('/login', { apiKey: key() })).status).toBe(status);
    expect(browser.setCookies).toEqual([]);
    expect(stage.audit).toEqual([expect.objectContaining({ action: 'login', subject: 'anonymous' })]);
    expect(stage.audit[0]?.outcome).not.toBe('ok');
  });

  test('after 30 wrong secrets of a key an address must wait with it, and its right secret does not help', async () => {
    const apiKey = stage.apiKey('admin');
    const [, id = ''] = apiKey.split('_');
    for (let attempt = 0; attempt < 30; attempt += 1) {
      const wrong = `lc_${id}_${String(attempt).padStart(43, 'y')}`;
      expect((await browser.post('/login', { apiKey: wrong })).status).toBe(401);
    }
    const waits = await browser.post('/login', { apiKey });
    expect(waits.status).toBe(429);
    expect(waits.headers.get('retry-after')).not.toBeNull();
    expect(stage.audit).toHaveLength(30);
    expect((await browser.post('/login', { apiKey: stage.apiKey('admin') })).status).toBe(200);
    await stage.clock.advance(60_000);
    expect((await browser.post('/login', { apiKey })).status).toBe(200);
  });

  test('without a file of keys there is no login, and the answer says what to set', async () => {
    await stage.serve({ LIVECHANNEL_API_SESSION_KEYS_FILE: '' });
    for (const answer of [await browser.get('/login'), await browser.post('/login', { apiKey: 'lc_any' })]) {
      expect(answer.status).toBe(409);
      expect(await answer.json()).toMatchObject({
        code: 'login-not-set-up',
        detail: expect.stringContaining('LIVECHANNEL_API_SESSION_KEYS_FILE'),
      });
    }
  });

  test('a key that is too short is not used', async () => {
    await stage.putSessionKeys('short');
    await stage.serve();
    expect((await browser.post('/login', { apiKey: stage.apiKey('admin') })).status).toBe(409);
    expect(stage.log.join('\n')).toContain('fewer than 32 characters');
  });
});

describe('a session', () => {
  test('is renewed by each request for its view, for a day at most', async () => {
    const key = await logIn();
    const start = stage.clock.now().getTime();
    const seen: number[] = [];
    for (let hours = 7; hours <= 21; hours += 7) {
      await stage.clock.advance(7 * HOUR);
      const answer = await browser.get('/v1/session');
      const view = (await answer.json()) as { subject: string; scope: string; expiresAt: string }; // as tested above
      expect(view).toMatchObject({ subject: `api-key:${idOf(key)}`, scope: 'admin' });
      seen.push((Date.parse(view.expiresAt) - start) / HOUR);
    }
    expect(seen).toEqual([15, 22, 24]);
    await stage.clock.advance(3 * HOUR);
    expect(await statusOf()).toBe(401);
    expect(await statusOf('/v1/session')).toBe(401);
  });

  test('ends after eight hours without that', async () => {
    await logIn();
    await stage.clock.advance(8 * HOUR - 1_000);
    expect(await statusOf()).toBe(200);
    await stage.clock.advance(1_000);
    expect(await statusOf()).toBe(401);
  });

  test('ends within seconds when its key is revoked, expires, or loses its scope', async () => {
    const changes = [
      { revokedAt: new Date() },
      { expiresAt: new Date(stage.clock.now().getTime() + 1) },
      { scopes: [] },
    ];
    for (const change of changes) {
      const id = idOf(await logIn());
      expect(await statusOf()).toBe(200);
      const record = stage.keys.get(id);
      if (record !== undefined) stage.keys.set(id, { ...record, ...change });
      await untilRechecked();
      expect([change, await statusOf()]).toEqual([change, 'scopes' in change ? 403 : 401]);
    }
  });

  test.each([
    ['changed', (token: string) => `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`],
    ['cut', (token: string) => token.slice(0, 60)],
    ['signed instead of encrypted', () => 'eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9.'],
    ['too long', () => 'x'.repeat(8_000)],
  ])('whose cookie is %s is none', async (_how, forge) => {
    await logIn();
    browser.cookies.set(cookieName, forge(browser.cookies.get(cookieName) ?? ''));
    expect(await statusOf()).toBe(401);
    // What needs no credentials is served all the same.
    expect(await statusOf('/v1/openapi.json')).toBe(200);
  });

  test('survives the rotation of keys, and ends when its key is removed', async () => {
    const [first, second] = [aSessionKey(), aSessionKey()];
    const reread = () => stage.clock.advance(30_000);
    await stage.putSessionKeys(first);
    await reread();
    await logIn();
    const old = browser.cookies.get(cookieName) ?? '';
    await stage.putSessionKeys(second, first);
    await reread();
    expect(await statusOf()).toBe(200);
    expect(await statusOf('/v1/session')).toBe(200);
    const renewed = browser.cookies.get(cookieName);
    await stage.putSessionKeys(second);
    await stage.serve();
    expect(await statusOf()).toBe(200);
    expect(browser.cookies.get(cookieName)).toBe(renewed);
    browser.cookies.set(cookieName, old);
    expect(await statusOf()).toBe(401);
  });

  test('ends at the logout, which deletes the cookie', async () => {
    await logIn();
    expect((await browser.post('/logout')).status).toBe(204);
    expect(browser.setCookies).toEqual([expect.stringMatching(new RegExp(`^${cookieName}=; .*Max-Age=0`))]);
    expect(await statusOf()).toBe(401);
    // Without a session there is nothing to end.
    expect((await browser.post('/logout')).status).toBe(204);
  });

  test('is accepted as the cookie of its name only', async () => {
    await logIn();
    const value = browser.cookies.get(cookieName) ?? '';
    browser.cookies.clear();
    expect(
      (await browser.send('GET', '/v1/channels', undefined, { authorization: `Bearer ${value}` })).status,
    ).toBe(401);
    browser.cookies.set('livechannel', value);
    expect(await statusOf()).toBe(401);
  });
});

describe('a change with the cookie of a session', () => {
  const changes = [
    ['POST', '/v1/channels', { id: '4711' }],
    ['DELETE', '/v1/channels/4711', undefined],
    ['PUT', '/v1/channels/4711/relay', undefined],
    ['POST', '/trpc/relay.stop', { channelId: '4711' }],
  ] as const;

  test.each([
    ['from another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    [
      'from another host of the same site',
      { 'sec-fetch-site': 'same-site', origin: 'https://evil.shop.example' },
    ],
    ['from a page that may call the API', { 'sec-fetch-site': 'cross-site', origin: 'https://shop.example' }],
    ['of an older browser, from another origin', { origin: 'https://evil.example' }],
    ['from a sandboxed frame', { origin: 'null' }],
    ['without a word of where it comes from', {}],
    ['that the user typed', { 'sec-fetch-site': 'none' }],
  ])('%s is refused', async (_from, headers) => {
    await logIn();
    for (const [method, path, body] of changes) {
      const answer = await browser.send(method, path, body, headers);
      expect([method, path, answer.status]).toEqual([method, path, 403]);
      expect(await answer.text()).toContain('cross-site-request');
    }
    expect(stage.services.asked).toEqual([]);
    expect((await browser.send('POST', '/logout', undefined, headers)).status).toBe(403);
    expect(await statusOf()).toBe(200);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'as %s, which a form of another site can send, is refused',
    async (type) => {
      await logIn();
      for (const [method, path] of changes) {
        const headers = { 'sec-fetch-site': 'same-origin', 'content-type': type };
        const answer = await browser.send(method, path, '{"id": "4711"}', headers);
        expect([method, path, answer.status]).toEqual([method, path, 415]);
      }
      expect(stage.services.asked).toEqual([]);
    },
  );

  test('from a page of the service is accepted, by Sec-Fetch-Site or by Origin', async () => {
    await logIn();
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: stage.url }])
      for (const [method, path, body] of changes)
        expect((await browser.send(method, path, body, headers)).status).toBeLessThan(300);
  });

  test('does not concern callers with a token', async () => {
    const headers = { authorization: `Bearer ${stage.apiKey('operate')}`, 'sec-fetch-site': 'cross-site' };
    const answer = await browser.send('POST', '/v1/channels', { id: '4711' }, headers);
    expect(answer.status).toBe(201);
  });

  test('does not concern reports of players, which a page sends as text', async () => {
    await stage.serve({ LIVECHANNEL_API_PUBLIC_PLAYBACK: 'true' });
    await logIn();
    const ua = { browser: 'chrome', major: 156, os: 'android', mobile: true };
    const report = {
      ...{ v: 1, sid: '0123456789abcdef', seq: 0, dur: 30, playing: 29, stalled: 1, stalls: 1 },
      ...{ state: 'playing', visible: true, ua },
    };
    const headers = { 'content-type': 'text/plain', 'sec-fetch-site': 'same-origin' };
    expect((await browser.send('POST', '/v1/channels/4711/qoe', report, headers)).status).toBe(200);
  });

  test('no page of another origin may read with the cookie', async () => {
    await logIn();
    const headers = { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' };
    const answer = await browser.send('GET', '/v1/channels', undefined, headers);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('another site cannot log its visitors in', async () => {
    const apiKey = stage.apiKey('admin');
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect((await browser.send('POST', '/login', { apiKey }, headers)).status).toBe(403);
    expect(browser.cookies.size).toBe(0);
  });
});

test('login and logout are in the audit log, and no secret is there or in the log', async () => {
  const wrong = `lc_${'x'.repeat(12)}_${'W'.repeat(43)}`;
  await browser.post('/login', { apiKey: wrong });
  await browser.post('/login', { apiKey: 'hunter2-as-a-key' });
  await browser.post('/login', `{"apiKey": "${wrong}`);
  await browser.post('/login', { apiKey: wrong, password: wrong });
  const key = await logIn();
  const cookie = browser.cookies.get(cookieName) ?? '';
  await browser.post('/v1/channels', { id: '4711' });
  await browser.post('/logout');
  const subject = `api-key:${idOf(key)}`;
  expect(stage.audit).toMatchObject([
    {
      action: 'login',
      subject: 'anonymous',
      outcome: 'not-authenticated',
      detail: { keyId: 'x'.repeat(12) },
      address: '127.0.0.1',
    },
    { action: 'login', subject: 'anonymous', outcome: 'not-authenticated', detail: { method: 'api-key' } },
    { action: 'login', subject, outcome: 'ok', detail: { method: 'api-key' }, namespace: 'shop' },
    { action: 'logout', subject, outcome: 'ok', address: '127.0.0.1' },
  ]);
  const written = stage.log.join('\n') + JSON.stringify(stage.audit);
  expect(written).toContain('answered');
  for (const secret of [key.slice(-43), 'W'.repeat(43), 'hunter2-as-a-key', cookie, cookie.split('.').at(-1)])
    expect(written).not.toContain(secret);
});
