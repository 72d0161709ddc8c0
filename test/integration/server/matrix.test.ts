import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { buildApp } from '../../../src/server/app.ts';
import { apiKeyText, hashOf, newApiKey } from '../../../src/server/auth/api-key.ts';
import { createAuthenticate } from '../../../src/server/auth/authenticators.ts';
import { scopes } from '../../../src/server/service.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import { appRouter } from '../../../src/server/trpc/router.ts';
import type { ApiKeyRecord } from '../../../src/store/store.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { restRules, trpcRules, type ProcedureRule, type Rule } from './matrix-rules.ts';
import { ServicesUnderTest } from './services-stage.ts';

const keys = new Map<string, ApiKeyRecord>();

/** A key as the database has it; gives what its bearer sends. */
function key(scope: string, change: Partial<ApiKeyRecord> = {}): string {
  const made = newApiKey(randomBytes);
  keys.set(made.id, {
    ...{ id: made.id, name: scope, hash: hashOf(made.secret), scopes: [scope], createdAt: new Date() },
    ...{ expiresAt: undefined, revokedAt: undefined, lastUsedAt: undefined },
    ...change,
  });
  return apiKeyText(made);
}

const past = new Date('2026-01-01');
const callers = {
  anonymous: undefined,
  /** Known to the cluster, and without any right to LiveChannels. */
  rightless: 'a-token-of-the-cluster',
  playback: key('playback'),
  operate: key('operate'),
  admin: key('admin'),
  expired: key('admin', { expiresAt: past }),
  revoked: key('admin', { revokedAt: past }),
  garbage: 'lc_garbage',
} as const;
type CallerName = keyof typeof callers;
const names = Object.keys(callers) as CallerName[]; // of the literal above

let stage: OperatorStage;
let services: ServicesUnderTest;
beforeAll(async () => {
  stage = await OperatorStage.build();
  const settings = { LIVECHANNEL_API_START_TIMEOUT_SECONDS: '0' };
  services = await ServicesUnderTest.start(stage, await stage.namespace(), { settings });
}, 180_000);
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** The whole server on a real socket. */
async function serve(settings: Record<string, string> = {}) {
  const parsed = apiSettingsSchema.parse({ LIVECHANNEL_API_RATE_LIMIT: '0', ...settings });
  const authenticate = createAuthenticate({
    settings: parsed,
    namespace: 'shop',
    client: {
      review: async ({ kind }) =>
        kind === 'TokenReview' ? { authenticated: true, user: { username: 'somebody' } } : { allowed: false },
    },
    store: { apiKey: async (id) => keys.get(id), apiKeyUsed: async () => {} },
    clock: systemClock,
    logger: silentLogger,
  });
  const app = await buildApp({ services: services.services, authenticate, settings: parsed });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // it listens on TCP
  return {
    app,
    url: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      const closed = app.close();
      app.server.closeAllConnections();
      await closed;
    },
  };
}

function expected(caller: CallerName, rule: Rule, publicPlayback = false): 401 | 403 | 'allowed' {
  if (rule.scope === undefined) return 'allowed';
  if (caller === 'expired' || caller === 'revoked' || caller === 'garbage') return 401;
  if (publicPlayback && rule.public === true) return 'allowed';
  if (caller === 'anonymous') return 401;
  if (caller === 'rightless') return 403;
  return scopes.indexOf(caller) >= scopes.indexOf(rule.scope) ? 'allowed' : 403;
}

/** 401 or 403, also where it is the first event of a stream; whatever else is answered, the caller was let in. */
async function verdict(
  address: string,
  init: RequestInit,
  caller: CallerName,
): Promise<401 | 403 | 'allowed'> {
  const stop = new AbortController();
  const token = callers[caller];
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const answer = await fetch(address, { ...init, headers, redirect: 'manual', signal: stop.signal });
  try {
    if (answer.status === 401) {
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      return 401;
    }
    if (answer.status === 403) return 403;
    expect(answer.status).not.toBe(400);
    if (!(answer.headers.get('content-type') ?? '').startsWith('text/event-stream')) return 'allowed';
    const refusal = /"httpStatus":(401|403)/.exec(await beginning(answer));
    return refusal === null ? 'allowed' : refusal[1] === '401' ? 401 : 403;
  } finally {
    stop.abort();
  }
}

/** What a stream says before it waits for something to happen. */
async function beginning({ body }: Response): Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  // tRPC says that it is connected, then what went wrong; the REST API says when to come again.
  while (reader !== undefined && !/serialized-error|event: snapshot|retry:|"type":"snapshot"/.test(text)) {
    const next = await Promise.race([reader.read(), systemClock.sleep(1_000)]);
    if (next?.value === undefined) break;
    text += next.value;
  }
  return text;
}

function ask(url: string, route: string, { body }: Rule, caller: CallerName): ReturnType<typeof verdict> {
  const [method = '', path = ''] = route.split(' ');
  const address = `${url}${path.replace(':id', 'matrix')}`;
  if (method === 'GET' || body === undefined) {
    const query = new URLSearchParams(
      Object.entries(body ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return verdict(query.size === 0 ? address : `${address}?${query.toString()}`, { method }, caller);
  }
  const headers = { 'content-type': 'application/json' };
  return verdict(address, { method, headers, body: JSON.stringify(body) }, caller);
}

function callProcedure(
  url: string,
  path: string,
  { kind, body }: ProcedureRule,
  caller: CallerName,
): ReturnType<typeof verdict> {
  const address = `${url}/trpc/${path}`;
  if (kind === 'mutation') {
    const headers = { 'content-type': 'application/json' };
    return verdict(address, { method: 'POST', headers, body: JSON.stringify(body) }, caller);
  }
  const query =
    body === undefined ? '' : `?${new URLSearchParams({ input: JSON.stringify(body) }).toString()}`;
  const headers: Record<string, string> = kind === 'subscription' ? { accept: 'text/event-stream' } : {};
  return verdict(address + query, { headers }, caller);
}

/** "METHOD /path" of every route but the answers to HEAD and OPTIONS, which follow GET's. */
function routesIn(tree: string): string[] {
  const parents: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', path, methods = ''] = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (path === undefined) return [];
    const depth = indent.length / 4;
    parents.length = depth;
    parents.push(path);
    return methods
      .split(', ')
      .filter((method) => !['HEAD', 'OPTIONS', ''].includes(method))
      .map((method) => `${method} ${parents.join('')}`);
  });
}

describe('who may what', () => {
  test('every route of the server has a rule', async () => {
    // With CORS there are the most.
    await using server = await serve({ LIVECHANNEL_API_CORS_ORIGINS: 'https://shop.example' });
    const routes = routesIn(server.app.printRoutes({ commonPrefix: false }));
    expect(routes.filter((route) => !route.includes('/trpc')).toSorted()).toEqual(
      Object.keys(restRules).toSorted(),
    );
  });

  test('every procedure of tRPC has a rule', () => {
    expect(Object.keys(appRouter._def.procedures).toSorted()).toEqual(Object.keys(trpcRules).toSorted());
  });

  test.each([false, true])(
    'REST, public playback %s',
    async (publicPlayback) => {
      await using server = await serve({ LIVECHANNEL_API_PUBLIC_PLAYBACK: String(publicPlayback) });
      for (const [route, rule] of Object.entries(restRules)) {
        const seen: Record<string, unknown> = {};
        for (const caller of names) seen[caller] = await ask(server.url, route, rule, caller);
        const wanted = names.map((caller) => [caller, expected(caller, rule, publicPlayback)]);
        expect({ route, ...seen }).toEqual({ route, ...Object.fromEntries(wanted) });
      }
    },
    120_000,
  );

  test.each([false, true])(
    'tRPC, public playback %s',
    async (publicPlayback) => {
      await using server = await serve({ LIVECHANNEL_API_PUBLIC_PLAYBACK: String(publicPlayback) });
      for (const [path, rule] of Object.entries(trpcRules)) {
        const seen: Record<string, unknown> = {};
        for (const caller of names) seen[caller] = await callProcedure(server.url, path, rule, caller);
        const wanted = names.map((caller) => [caller, expected(caller, rule, publicPlayback)]);
        expect({ path, ...seen }).toEqual({ path, ...Object.fromEntries(wanted) });
      }
    },
    120_000,
  );

  test('who asks for no right learns nothing of what a request looks like', async () => {
    await using server = await serve();
    const headers = { 'content-type': 'application/json' };
    for (const [route, { scope }] of Object.entries(restRules)) {
      if (scope === undefined) continue;
      const [method = '', path = ''] = route.split(' ');
      const address = `${server.url}${path.replace(':id', 'x'.repeat(600))}?limit=no&from=no&redirect=no&open=no`;
      const bodies = method === 'GET' ? [undefined] : ['{"nonsense": true}', '[', 'x'.repeat(100_000)];
      for (const body of bodies)
        for (const [caller, status] of [
          ['anonymous', 401],
          ['rightless', 403],
        ] as const) {
          const init = body === undefined ? { method } : { method, headers, body };
          const seen = await verdict(address, init, caller);
          expect([route, body?.slice(0, 20), caller, seen]).toEqual([
            route,
            body?.slice(0, 20),
            caller,
            status,
          ]);
        }
    }
    for (const [path, { kind }] of Object.entries(trpcRules))
      for (const body of ['{"channelId": {}}', '["nonsense"]', '[']) {
        const address = `${server.url}/trpc/${path}`;
        const accept: Record<string, string> = kind === 'subscription' ? { accept: 'text/event-stream' } : {};
        const seen =
          kind === 'mutation'
            ? await verdict(address, { method: 'POST', headers, body }, 'anonymous')
            : await verdict(
                `${address}?${new URLSearchParams({ input: body }).toString()}`,
                { headers: accept },
                'anonymous',
              );
        expect([path, body, seen]).toEqual([path, body, 401]);
      }
  }, 60_000);

  test('what is not there is not found, without a word of who may', async () => {
    await using server = await serve();
    for (const caller of ['anonymous', 'admin'] as const)
      expect(await verdict(`${server.url}/v1/nothing`, {}, caller)).toBe('allowed');
  });
});
