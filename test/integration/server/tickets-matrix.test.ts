import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { buildApp } from '../../../src/server/app.ts';
import { apiKeyText, hashOf, newApiKey } from '../../../src/server/auth/api-key.ts';
import { createAuthenticate } from '../../../src/server/auth/authenticators.ts';
import { TicketTokens } from '../../../src/server/auth/tickets/ticket-tokens.ts';
import type { TicketRequest } from '../../../src/server/contract/tickets.ts';
import { isProblem } from '../../../src/server/problems.ts';
import { ticketFor } from '../../../src/server/services/ticket-issuer.ts';
import type { Operation } from '../../../src/server/services/permissions.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import type { ApiKeyRecord } from '../../../src/store/store.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { restRules, trpcRules } from './matrix-rules.ts';
import { as, ServicesUnderTest } from './services-stage.ts';
import { callProcedure, callRoute, type Verdict } from './verdicts.ts';

const ticketCredentials = [
  'buyer',
  'seller',
  'sellerWithStart',
  'sellerWithStop',
  /** Tickets of sellers with all grants, and otherwise wrong. */
  'otherChannel',
  'otherNamespace',
  'expired',
  'wrongKey',
  'unsigned',
] as const;
const credentials = ['anonymous', 'playback', 'operate', 'admin', ...ticketCredentials] as const;
type Credential = (typeof credentials)[number];

const admins = ['admin'] as const;
const backEnds = ['operate', ...admins] as const;
const readers = ['playback', ...backEnds] as const;
const sellers = ['seller', 'sellerWithStart', 'sellerWithStop'] as const;
const viewers = ['buyer', ...sellers] as const;

interface Row {
  readonly routes: readonly string[];
  readonly procedures: readonly string[];
  /** All others are refused. */
  readonly allowed: readonly Credential[];
  /** Also without credentials, where public playback is enabled. */
  readonly public?: true;
  /** Instead of the example of matrix-rules.ts, for REST and for tRPC. */
  readonly bodies?: readonly [rest: unknown, trpc: unknown];
}

const channelId = 'matrix';

/** Rows of the same operations with other bodies. */
type Variant = 'allEvents' | 'changeOtherSettings' | 'changeLabels' | 'startWithLabels';

/**
 * Every operation of the service, and who may call it on the channel of the tickets. The type requires a row for each; the
 * first test requires each route and procedure to be in a row.
 */
const table: Readonly<Record<Operation | Variant, Row>> = {
  playback: {
    routes: ['GET /v1/channels/:id/playback'],
    procedures: ['streaming.playback', 'streaming.getPlaybackUrl'],
    allowed: [...viewers, ...readers],
    public: true,
  },
  events: {
    routes: ['GET /v1/channels/:id/events'],
    procedures: ['events.channel'],
    allowed: [...viewers, ...readers],
  },
  channel: {
    routes: ['GET /v1/channels/:id'],
    procedures: ['channels.get'],
    allowed: [...viewers, ...readers],
  },
  relay: {
    routes: ['GET /v1/channels/:id/relay'],
    procedures: ['relay.status'],
    allowed: [...sellers, ...readers],
    public: true,
  },
  feedback: {
    routes: ['POST /v1/channels/:id/feedback'],
    procedures: ['feedback.send'],
    allowed: [...viewers, ...readers],
    public: true,
  },
  reportQoe: {
    routes: ['POST /v1/channels/:id/qoe'],
    procedures: ['qoe.report'],
    allowed: [...viewers, ...readers],
    public: true,
  },
  qoe: {
    routes: ['GET /v1/channels/:id/qoe'],
    procedures: ['qoe.lastHour', 'qoe.range'],
    allowed: [...sellers, ...backEnds],
  },
  metrics: {
    routes: ['GET /v1/channels/:id/metrics'],
    procedures: ['streaming.analytics'],
    allowed: [...sellers, ...backEnds],
  },
  changeModes: {
    routes: ['PATCH /v1/channels'],
    procedures: ['channels.changeModes'],
    allowed: backEnds,
  },
  deliveryOptions: {
    routes: ['GET /v1/channels/:id/delivery-options'],
    procedures: ['streaming.deliveryOptions'],
    allowed: [...sellers, ...backEnds],
  },
  overview: { routes: ['GET /v1/overview'], procedures: ['overview'], allowed: backEnds },
  history: {
    routes: ['GET /v1/channels/:id/history'],
    procedures: ['channels.history'],
    allowed: backEnds,
  },
  prices: { routes: ['GET /v1/prices'], procedures: ['prices'], allowed: backEnds },
  budgets: { routes: ['GET /v1/budgets'], procedures: ['budgets'], allowed: admins },
  usage: { routes: ['GET /v1/usage'], procedures: ['usage'], allowed: backEnds },
  changeChannel: {
    routes: ['PATCH /v1/channels/:id'],
    procedures: ['channels.update'],
    allowed: [...sellers, ...backEnds],
    bodies: [{ streamMode: 'auto' }, { channelId, settings: { streamMode: 'hybrid' } }],
  },
  changeOtherSettings: {
    routes: ['PATCH /v1/channels/:id'],
    procedures: ['channels.update'],
    allowed: backEnds,
    bodies: [
      { streamMode: 'hybrid', standby: true },
      { channelId, settings: { playback: { access: 'public' } } },
    ],
  },
  changeLabels: {
    routes: ['PATCH /v1/channels/:id'],
    procedures: ['channels.update'],
    allowed: backEnds,
    bodies: [
      { streamMode: 'hybrid', labels: { tier: 'gold' } },
      { channelId, settings: { labels: { tier: null } } },
    ],
  },
  startRelay: {
    routes: ['PUT /v1/channels/:id/relay'],
    procedures: ['relay.start'],
    allowed: ['sellerWithStart', ...backEnds],
  },
  startWithLabels: {
    routes: ['PUT /v1/channels/:id/relay'],
    procedures: ['relay.start'],
    allowed: backEnds,
    bodies: [{ labels: { tier: 'gold' } }, { channelId, labels: {} }],
  },
  stopRelay: {
    routes: ['DELETE /v1/channels/:id/relay'],
    procedures: ['relay.stop'],
    allowed: ['sellerWithStop', ...backEnds],
  },
  allEvents: { routes: ['GET /v1/events'], procedures: ['events.all'], allowed: backEnds },
  createChannel: { routes: ['POST /v1/channels'], procedures: ['channels.create'], allowed: backEnds },
  listChannels: { routes: ['GET /v1/channels'], procedures: ['channels.list'], allowed: backEnds },
  createTicket: {
    routes: ['POST /v1/channels/:id/tickets'],
    procedures: ['tickets.create'],
    allowed: backEnds,
  },
  agoraToken: {
    routes: ['POST /v1/channels/:id/agora-token'],
    procedures: ['agoraToken'],
    allowed: backEnds,
  },
  reportAudience: {
    routes: ['PUT /v1/channels/:id/audience'],
    procedures: ['audience.report'],
    allowed: backEnds,
  },
  platforms: { routes: ['GET /v1/platforms'], procedures: ['platforms'], allowed: backEnds },
  alerts: { routes: ['GET /v1/alerts'], procedures: ['alerts'], allowed: backEnds },
  rotateStreamKey: {
    routes: ['POST /v1/channels/:id/rotate-key'],
    procedures: ['channels.rotateKey'],
    allowed: backEnds,
  },
  audit: { routes: ['GET /v1/audit'], procedures: ['audit'], allowed: admins },
  apiKeys: { routes: ['GET /v1/api-keys'], procedures: ['apiKeys.list'], allowed: admins },
  createApiKey: { routes: ['POST /v1/api-keys'], procedures: ['apiKeys.create'], allowed: admins },
  revokeApiKey: { routes: ['DELETE /v1/api-keys/:keyId'], procedures: ['apiKeys.revoke'], allowed: admins },
  costs: { routes: ['GET /v1/costs'], procedures: ['costs'], allowed: admins },
  endChannel: { routes: ['DELETE /v1/channels/:id'], procedures: ['channels.end'], allowed: backEnds },
};

function expected(credential: Credential, row: Row, publicPlayback: boolean): Verdict {
  if (row.allowed.includes(credential)) return 'allowed';
  if (publicPlayback && row.public === true && credential === 'anonymous') return 'allowed';
  const unknown: readonly Credential[] = ['anonymous', 'otherNamespace', 'expired', 'wrongKey', 'unsigned'];
  return unknown.includes(credential) ? 401 : 403;
}

const apiKeys = new Map<string, ApiKeyRecord>();
function apiKey(scope: string): string {
  const made = newApiKey(randomBytes);
  apiKeys.set(made.id, {
    ...{ id: made.id, name: scope, hash: hashOf(made.secret), scopes: [scope], createdAt: new Date() },
    ...{ expiresAt: undefined, revokedAt: undefined, lastUsedAt: undefined },
  });
  return apiKeyText(made);
}

const secret = randomBytes(48);
const allGrants = ['start', 'stop'] as const;

async function signed(
  change: Partial<TicketRequest> = {},
  { id = channelId, namespace = 'shop', key = secret, issued = new Date() } = {},
): Promise<string> {
  const keys = [{ id: 'key-1', secret: new Uint8Array(key) }];
  const tokens = new TicketTokens(
    { all: async () => keys, toSign: async () => keys[0] },
    namespace,
    systemClock,
  );
  const request: TicketRequest = { role: 'seller', ttlSeconds: 600, grants: [...allGrants], ...change };
  return await tokens.sign(ticketFor(id, request, 'abcdefghijkl', issued));
}

function withoutSignature(ticket: string): string {
  const [head = '', claims = ''] = ticket.split('.');
  const header: unknown = JSON.parse(Buffer.from(head, 'base64url').toString());
  const none = { ...(header as object), alg: 'none' }; // a header of the ticket above
  return `${Buffer.from(JSON.stringify(none)).toString('base64url')}.${claims}.`;
}

let stage: OperatorStage;
let services: ServicesUnderTest;
let folder: string;
let tokens: Readonly<Record<Credential, string | undefined>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-tickets-'));
  await writeFile(join(folder, 'key-1'), secret);
  stage = await OperatorStage.build();
  services = await ServicesUnderTest.start(stage, await stage.namespace(), {
    settings: {
      LIVECHANNEL_API_START_TIMEOUT_SECONDS: '0',
      LIVECHANNEL_API_TICKET_KEYS_DIR: folder,
    },
  });
  tokens = {
    ...{ anonymous: undefined, playback: apiKey('playback'), operate: apiKey('operate') },
    admin: apiKey('admin'),
    buyer: await signed({ role: 'buyer', grants: [], userId: '42' }),
    seller: await signed({ grants: [] }),
    sellerWithStart: await signed({ grants: ['start'] }),
    sellerWithStop: await signed({ grants: ['stop'] }),
    otherChannel: await signed({}, { id: 'matrix-2' }),
    otherNamespace: await signed({}, { namespace: 'studio' }),
    expired: await signed({}, { issued: new Date(Date.now() - 700_000) }),
    wrongKey: await signed({}, { key: randomBytes(48) }),
    unsigned: withoutSignature(await signed()),
  };
}, 180_000);
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The whole server on a real socket. A token that reaches the cluster would be accepted there as an administrator. */
async function serve(settings: Record<string, string> = {}) {
  const parsed = apiSettingsSchema.parse({
    ...{ LIVECHANNEL_API_RATE_LIMIT: '0', LIVECHANNEL_API_TICKET_KEYS_DIR: folder },
    ...settings,
  });
  const reviews: string[] = [];
  const authenticate = createAuthenticate({
    settings: parsed,
    namespace: 'shop',
    client: {
      review: async ({ kind }) => {
        reviews.push(kind);
        return kind === 'TokenReview'
          ? { authenticated: true, user: { username: 'root' } }
          : { allowed: true };
      },
    },
    store: { apiKey: async (id) => apiKeys.get(id), apiKeyUsed: async () => {} },
    clock: systemClock,
    logger: silentLogger,
  });
  const app = await buildApp({ services: services.services, authenticate, settings: parsed });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // it is listening on TCP
  return {
    reviews,
    url: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      const closed = app.close();
      app.server.closeAllConnections();
      await closed;
    },
  };
}

/** Operations may delete the channel. */
async function ensureChannel(): Promise<void> {
  try {
    await services.services.createChannel(as('operate'), { id: channelId, onAir: false }, undefined);
  } catch (error) {
    if (!isProblem(error) || error.code !== 'channel-exists') throw error;
  }
}

describe('who may do what', () => {
  test('every route and every procedure that requires credentials is in the table', () => {
    const rows = Object.values(table);
    const routes = Object.entries(restRules).flatMap(([route, { scope }]) =>
      scope === undefined ? [] : [route],
    );
    expect([...new Set(rows.flatMap((row) => row.routes))].toSorted()).toEqual(routes.toSorted());
    expect([...new Set(rows.flatMap((row) => row.procedures))].toSorted()).toEqual(
      Object.keys(trpcRules).toSorted(),
    );
  });

  test.each([false, true])(
    'REST and tRPC, public playback %s',
    async (publicPlayback) => {
      await using server = await serve({ LIVECHANNEL_API_PUBLIC_PLAYBACK: String(publicPlayback) });
      for (const [operation, row] of Object.entries(table)) {
        const wanted = Object.fromEntries(
          credentials.map((each) => [each, expected(each, row, publicPlayback)]),
        );
        const [restBody, trpcBody] = row.bodies ?? [];
        for (const route of row.routes) {
          const rule = restRules[route] ?? { scope: undefined };
          const seen: Record<string, Verdict> = {};
          for (const each of credentials) {
            await ensureChannel();
            seen[each] = await callRoute(
              server.url,
              route,
              { ...rule, body: restBody ?? rule.body },
              tokens[each],
            );
          }
          expect({ operation, route, ...seen }).toEqual({ operation, route, ...wanted });
        }
        for (const procedure of row.procedures) {
          const rule = trpcRules[procedure] ?? { kind: 'query', scope: undefined };
          const seen: Record<string, Verdict> = {};
          for (const each of credentials) {
            await ensureChannel();
            const full = { ...rule, body: trpcBody ?? rule.body };
            seen[each] = await callProcedure(server.url, procedure, full, tokens[each]);
          }
          expect({ operation, procedure, ...seen }).toEqual({ operation, procedure, ...wanted });
        }
      }
      // Tickets of any kind are recognized by their form: none of them was sent to the cluster.
      expect(server.reviews).toEqual([]);
    },
    240_000,
  );
});

describe('a request that is not valid', () => {
  const status = async (url: string, init: RequestInit, token: string | undefined): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token ?? ''}`, 'content-type': 'application/json' };
    return (await fetch(url, { ...init, headers })).status;
  };

  test('is explained to a ticket that allows the operation on this channel, and to no other', async () => {
    await using server = await serve();
    await ensureChannel();
    const patch = { method: 'PATCH', body: '{"streamMode": "loud"}' };
    const path = `${server.url}/v1/channels/matrix`;
    expect(await status(path, patch, tokens.seller)).toBe(400);
    expect(await status(path, patch, tokens.buyer)).toBe(403);
    expect(await status(path, patch, tokens.otherChannel)).toBe(403);
    const update = { method: 'POST', body: '{"channelId": "matrix", "settings": {"streamMode": "loud"}}' };
    expect(await status(`${server.url}/trpc/channels.update`, update, tokens.seller)).toBe(400);
    expect(await status(`${server.url}/trpc/channels.update`, update, tokens.buyer)).toBe(403);
    const create = { method: 'POST', body: '{"id": {}}' };
    expect(await status(`${server.url}/trpc/channels.create`, create, tokens.seller)).toBe(403);
  });
});

test('garbage in the place of a ticket is refused as wrong credentials, whatever it is', async () => {
  await using server = await serve();
  const [head = '', claims = '', signature = ''] = (tokens.buyer ?? '').split('.');
  const text = fc.string({
    unit: fc.constantFrom('a', 'Z', '0', '9', '-', '_', '.', '~', '+', '/', '='),
    maxLength: 60,
  });
  const json = fc.json().map((value) => Buffer.from(value).toString('base64url'));
  const garbage = fc.oneof(
    text.map((any) => `${head}.${claims}.${any}`),
    text.map((any) => `${head}.${any}.${signature}`),
    json.map((any) => `${head}.${any}.${signature}`),
    fc
      .tuple(fc.json(), fc.constantFrom('HS256', 'none', 'RS256', 'dir', ''))
      .map(([kid, alg]) => JSON.stringify({ typ: 'livechannel-ticket+jwt', alg, kid }))
      .map((header) => `${Buffer.from(header).toString('base64url')}.${claims}.${signature}`),
    fc.constant(`${head}.${'A'.repeat(7_000)}.${signature}`),
  );
  await fc.assert(
    fc.asyncProperty(garbage, async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      for (const path of [
        '/v1/channels/matrix/playback',
        '/trpc/channels.get?input=%7B%22channelId%22%3A1%7D',
      ]) {
        const answer = await fetch(server.url + path, { headers });
        expect([token, answer.status]).toEqual([token, 401]);
        await answer.text();
      }
    }),
    { numRuns: 150 },
  );
  // Nor does it lock out the other callers of this address.
  expect(await callRoute(server.url, 'GET /v1/channels', { scope: 'operate' }, tokens.operate)).toBe(
    'allowed',
  );
}, 60_000);
