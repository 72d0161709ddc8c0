import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrowserDouble } from '../../support/server/browser-double.ts';
import { LoginStage } from '../../support/server/login-stage.ts';
import { oidcClient, OidcIssuer, type Grant } from '../../support/server/oidc-issuer.ts';

const HOUR = 3_600_000;
const operate: Partial<Grant> = { idToken: { scope: 'livechannel:operate' } };

let folder: string;
let issuer: OidcIssuer;
let stage: LoginStage;
let browser: BrowserDouble;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-oidc-'));
  await writeFile(join(folder, 'secret'), `${oidcClient.secret}\n`);
  issuer = await OidcIssuer.start();
  stage = await LoginStage.start({
    LIVECHANNEL_API_OIDC_ISSUER: issuer.url,
    LIVECHANNEL_API_OIDC_AUDIENCE: 'livechannel',
    LIVECHANNEL_API_OIDC_CLIENT_ID: oidcClient.id,
    LIVECHANNEL_API_OIDC_CLIENT_SECRET_FILE: join(folder, 'secret'),
    LIVECHANNEL_API_OIDC_REDIRECT_URL: `https://live.example${oidcClient.redirectPath}`,
  });
  browser = new BrowserDouble(() => stage.url);
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Follows the link to the issuer; returns its page. */
async function atIssuer(to = ''): Promise<string> {
  const { status, headers } = await browser.get(`/login/oidc${to}`);
  expect(status).toBe(302);
  return headers.get('location') ?? '';
}

/** The issuer's page navigates back. */
const back = (query: string) =>
  browser.send('GET', `${oidcClient.redirectPath}?${query}`, undefined, { 'sec-fetch-site': 'cross-site' });

async function logIn(grant: Partial<Grant> = operate, to = ''): Promise<Response> {
  return back(issuer.authorize(await atIssuer(to), grant));
}

test('the address of the issuer has a challenge, a state and a nonce, and no secret', async () => {
  const query = new URL(await atIssuer()).searchParams;
  expect(Object.fromEntries(query)).toEqual({
    response_type: 'code',
    client_id: oidcClient.id,
    redirect_uri: `https://live.example${oidcClient.redirectPath}`,
    scope: 'openid',
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  });
  const [cookie = ''] = browser.setCookies;
  // Lax: the issuer's page, of another site, navigates to the callback.
  expect(cookie).toMatch(
    /^__Host-livechannel-login=[^;]+; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
  );
});

test('the callback starts a session with a page that navigates on, so that the browser sends the Strict cookie', async () => {
  const answer = await logIn(operate, '?to=/dashboard/channels/4711?range=1h%26x');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const page = await answer.text();
  expect(page).toContain('http-equiv="refresh" content="0; url=/dashboard/channels/4711?range=1h&amp;x"');
  expect(page).not.toContain('<script');
  expect([...browser.cookies.keys()]).toEqual(['__Host-livechannel']);
  expect(await (await browser.get('/v1/session')).json()).toEqual({
    subject: `oidc:${issuer.url}#app-1`,
    scope: 'operate',
    expiresAt: new Date(stage.clock.now().getTime() + 8 * HOUR).toISOString(),
  });
  expect((await browser.post('/v1/channels', { id: '4711' })).status).toBe(201);
});

test('the session ends after eight hours, however often it is renewed, because the issuer is not asked again', async () => {
  await logIn();
  await stage.clock.advance(5 * HOUR);
  expect((await browser.get('/v1/session')).status).toBe(200);
  await stage.clock.advance(3 * HOUR);
  expect((await browser.get('/v1/session')).status).toBe(401);
});

test.each<[string, Partial<Grant>, string]>([
  ['the ID token', { idToken: { scope: 'openid livechannel:admin' } }, 'admin'],
  ['the access token', { accessToken: { scope: 'livechannel:operate' } }, 'operate'],
  [
    'both: the higher one counts',
    { idToken: { scope: 'livechannel:operate' }, accessToken: { scope: 'livechannel:admin' } },
    'admin',
  ],
])('the scope comes from %s', async (_from, grant, scope) => {
  expect((await logIn(grant)).status).toBe(200);
  expect(await (await browser.get('/v1/session')).json()).toMatchObject({ scope });
});

test.each<[string, Partial<Grant>, number]>([
  ['a user without a scope of the service', {}, 403],
  ["a user with a viewer's scope", { idToken: { scope: 'livechannel:playback' } }, 403],
  [
    'a user whose access token is for another audience',
    { accessToken: { aud: 'other', scope: 'livechannel:admin' } },
    403,
  ],
  [
    "a user with another one's access token",
    { accessToken: { sub: 'other', scope: 'livechannel:admin' } },
    403,
  ],
  ['an ID token for another client', { idToken: { aud: 'other', scope: 'livechannel:admin' } }, 401],
  ['an ID token for another login', { idToken: { nonce: 'other', scope: 'livechannel:admin' } }, 401],
  ['an ID token that has expired', { idToken: { exp: 1, scope: 'livechannel:admin' } }, 401],
  [
    'an ID token of another issuer',
    { idToken: { iss: 'https://evil.example', scope: 'livechannel:admin' } },
    401,
  ],
])('%s is refused, on a page in words', async (_what, grant, status) => {
  const answer = await logIn(grant);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await answer.text()).toContain('Sign-in failed');
  expect(browser.cookies.size).toBe(0);
  expect(stage.audit).toMatchObject([{ action: 'login', subject: 'anonymous', detail: { method: 'oidc' } }]);
});

test('a token that was signed by another key is refused', async () => {
  const address = await atIssuer();
  issuer.removeKey('first');
  await issuer.addKey('second');
  const forged = issuer.authorize(address, operate);
  // It signs with a key that its document does not list.
  const stolen = await OidcIssuer.start();
  issuer.token = (claims) => stolen.token({ iss: issuer.url, ...claims });
  expect((await back(forged)).status).toBe(401);
  await stolen[Symbol.asyncDispose]();
});

test('an answer that this browser has not asked for is refused, and so is one that comes twice', async () => {
  const query = issuer.authorize(await atIssuer(), operate);
  // Another browser: without its own cookie, and with that of another login.
  const victim = new BrowserDouble(() => stage.url);
  for (const prepare of [async () => undefined, () => victim.get('/login/oidc')]) {
    await prepare();
    const answer = await victim.send('GET', `${oidcClient.redirectPath}?${query}`, undefined, {});
    expect(answer.status).toBe(401);
    expect(victim.cookies.size).toBe(0);
  }
  expect((await back(query)).status).toBe(200);
  expect((await back(query)).status).toBe(401);
});

test('an answer that took too long is refused', async () => {
  const address = await atIssuer();
  await stage.clock.advance(600_000);
  expect((await back(issuer.authorize(address, operate))).status).toBe(401);
});

test('the cookie of a started login is no session', async () => {
  await atIssuer();
  browser.cookies.set('__Host-livechannel', browser.cookies.get('__Host-livechannel-login') ?? '');
  expect((await browser.get('/v1/channels')).status).toBe(401);
});

test('a user who declines sees a page that says so, without the text of the query', async () => {
  const state = new URL(await atIssuer()).searchParams.get('state') ?? '';
  const answer = await back(
    new URLSearchParams({
      error: 'access_denied',
      error_description: '<b>call 555</b>',
      state,
      iss: issuer.url,
    }).toString(),
  );
  expect(answer.status).toBe(401);
  const page = await answer.text();
  expect(page).toContain('Sign-in failed');
  expect(page).not.toContain('555');
});

test.each([
  'https://evil.example',
  '//evil.example',
  '/dashboard@evil',
  '/dashboard/"onload=x',
  '/v1/channels',
])('the login leads to the dashboard only, not to %s', async (to) => {
  expect((await browser.get(`/login/oidc?to=${encodeURIComponent(to)}`)).status).toBe(400);
});

test('while the issuer does not answer, a page says so', async () => {
  await issuer.close();
  const answer = await browser.get('/login/oidc');
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('does not answer');
});

test('the methods name the issuer, and logins are in the audit log', async () => {
  expect(await (await browser.get('/login')).json()).toEqual({ methods: ['api-key', 'oidc'] });
  await logIn();
  await browser.post('/logout');
  const subject = `oidc:${issuer.url}#app-1`;
  expect(stage.audit).toMatchObject([
    { action: 'login', subject, outcome: 'ok', detail: { method: 'oidc' } },
    { action: 'logout', subject },
  ]);
});

test('settings of a login that lack a part, or name another callback, are refused at the start', async () => {
  const clientId = { LIVECHANNEL_API_OIDC_CLIENT_ID: oidcClient.id };
  await expect(stage.serve(clientId)).rejects.toThrow('requires LIVECHANNEL_API_OIDC_ISSUER');
  const elsewhere = { ...clientId, LIVECHANNEL_API_OIDC_REDIRECT_URL: 'https://live.example/callback' };
  await expect(stage.serve(elsewhere)).rejects.toThrow('/login/oidc/callback');
});

test('neither the secret of the client, nor codes, nor tokens are in the log', async () => {
  await logIn();
  await logIn({});
  await writeFile(join(folder, 'secret'), 'a-wrong-secret-of-the-client');
  await stage.clock.advance(300_000);
  expect((await logIn()).status).toBe(401);
  const query = issuer.authorize(await atIssuer(), operate);
  await back(query);
  const written = stage.log.join('\n') + JSON.stringify(stage.audit);
  expect(written).toContain('a login at the OIDC issuer failed');
  const code = new URLSearchParams(query).get('code') ?? '';
  for (const secret of [
    oidcClient.secret,
    'a-wrong-secret',
    code,
    ...issuer.issued,
    ...browser.cookies.values(),
  ])
    expect(written).not.toContain(secret);
});
