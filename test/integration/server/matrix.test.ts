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
import { restRules, trpcRules, type Rule } from './matrix-rules.ts';
import { ServicesUnderTest } from './services-stage.ts';
import { callProcedure, callRoute, verdict } from './verdicts.ts';

const keys = new Map<string, ApiKeyRecord>();

/** Stores a key in the database; returns the credentials of its bearer. */
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
  /** Known to the cluster, without any right to LiveChannels. */
  rightless: 'a-token-of-the-cluster',
  playback: key('playback'),
  operate: key('operate'),
  admin: key('admin'),
  expired: key('admin', { expiresAt: past }),
  revoked: key('admin', { revokedAt: past }),
  garbage: 'lc_garbage',
} as const;
type CallerName = keyof typeof callers;
const names = Object.keys(callers) as CallerName[]; // the keys of the literal above

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
  const { port } = app.server.address() as AddressInfo; // it is listening on TCP
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
  if (rule.session === true) return 401;
  if (rule.scope === undefined) return 'allowed';
  if (caller === 'expired' || caller === 'revoked' || caller === 'garbage') return 401;
  if (publicPlayback && rule.public === true) return 'allowed';
  if (caller === 'anonymous') return 401;
  if (caller === 'rightless') return 403;
  return scopes.indexOf(caller) >= scopes.indexOf(rule.scope) ? 'allowed' : 403;
}

/** "METHOD /path" of every route except HEAD and OPTIONS, which follow GET. */
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

describe('the authorization matrix', () => {
  test('every route of the server has a rule', async () => {
    // CORS adds routes.
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
        for (const caller of names) seen[caller] = await callRoute(server.url, route, rule, callers[caller]);
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
        for (const caller of names)
          seen[caller] = await callProcedure(server.url, path, rule, callers[caller]);
        const wanted = names.map((caller) => [caller, expected(caller, rule, publicPlayback)]);
        expect({ path, ...seen }).toEqual({ path, ...Object.fromEntries(wanted) });
      }
    },
    120_000,
  );

  test('a caller without rights learns nothing about the shape of requests', async () => {
    await using server = await serve();
    const headers = { 'content-type': 'application/json' };
    for (const [route, { scope }] of Object.entries(restRules)) {
      if (scope === undefined) continue;
      const [method = '', path = ''] = route.split(' ');
      const address = `${server.url}${path.replace(/:(?:id|keyId)/, 'x'.repeat(600))}?limit=no&from=no&redirect=no&open=no`;
      const bodies = method === 'GET' ? [undefined] : ['{"nonsense": true}', '[', 'x'.repeat(100_000)];
      for (const body of bodies)
        for (const [caller, status] of [
          ['anonymous', 401],
          ['rightless', 403],
        ] as const) {
          const init = body === undefined ? { method } : { method, headers, body };
          const seen = await verdict(address, init, callers[caller]);
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
            ? await verdict(address, { method: 'POST', headers, body }, undefined)
            : await verdict(
                `${address}?${new URLSearchParams({ input: body }).toString()}`,
                { headers: accept },
                undefined,
              );
        expect([path, body, seen]).toEqual([path, body, 401]);
      }
  }, 60_000);

  test('a missing resource is not found, without a hint about rights', async () => {
    await using server = await serve();
    for (const caller of ['anonymous', 'admin'] as const)
      expect(await verdict(`${server.url}/v1/nothing`, {}, callers[caller])).toBe('allowed');
  });
});
