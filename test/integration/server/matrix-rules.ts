import type { Scope } from '../../../src/server/service.ts';

/** Who may make a call, and an example of an otherwise valid call. */
export interface Rule {
  /** undefined: anyone, with any credentials. */
  readonly scope: Scope | undefined;
  /** Anyone may when public playback is enabled. */
  readonly public?: true;
  readonly body?: unknown;
  /** Answered with 401 to everyone without the cookie of a session. */
  readonly session?: true;
}

/** What a player reports. */
const qoeReport = {
  ...{ v: 1, sid: '0123456789abcdef', seq: 0, dur: 30, playing: 29, stalled: 1, stalls: 1 },
  ...{ state: 'playing', visible: true },
  ua: { browser: 'chrome', major: 156, os: 'android', mobile: true },
};

const day = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };

/** Every route of the REST API: a new one without a rule fails the matrix. */
export const restRules: Readonly<Record<string, Rule>> = {
  'POST /v1/channels': { scope: 'operate', body: { id: 'matrix' } },
  'GET /v1/channels': { scope: 'operate' },
  'GET /v1/channels/:id': { scope: 'playback' },
  'PATCH /v1/channels/:id': { scope: 'operate', body: { standby: false } },
  'PATCH /v1/channels': { scope: 'operate', body: { override: null } },
  'DELETE /v1/channels/:id': { scope: 'operate' },
  'PUT /v1/channels/:id/relay': { scope: 'operate' },
  'DELETE /v1/channels/:id/relay': { scope: 'operate' },
  'GET /v1/channels/:id/relay': { scope: 'playback', public: true },
  'GET /v1/channels/:id/playback': { scope: 'playback', public: true },
  'POST /v1/channels/:id/agora-token': { scope: 'operate', body: { role: 'viewer', uid: 7 } },
  'POST /v1/channels/:id/tickets': { scope: 'operate', body: { role: 'buyer' } },
  'PUT /v1/channels/:id/audience': { scope: 'operate', body: { agoraViewers: 3 } },
  'POST /v1/channels/:id/feedback': { scope: 'playback', public: true, body: { kind: 'lag' } },
  'POST /v1/channels/:id/qoe': { scope: 'playback', public: true, body: qoeReport },
  'GET /v1/channels/:id/qoe': { scope: 'operate' },
  'GET /v1/channels/:id/metrics': { scope: 'operate', body: day },
  'GET /v1/channels/:id/history': { scope: 'operate', body: day },
  'GET /v1/channels/:id/events': { scope: 'playback' },
  'GET /v1/events': { scope: 'operate' },
  'GET /v1/channels/:id/delivery-options': { scope: 'operate' },
  'GET /v1/overview': { scope: 'operate' },
  'GET /v1/usage': { scope: 'operate', body: day },
  'GET /v1/platforms': { scope: 'operate' },
  'GET /v1/prices': { scope: 'operate' },
  'GET /v1/budgets': { scope: 'admin' },
  'GET /v1/costs': { scope: 'admin', body: day },
  'GET /v1/alerts': { scope: 'operate' },
  'POST /v1/channels/:id/rotate-key': { scope: 'operate' },
  'GET /v1/audit': { scope: 'admin' },
  'GET /v1/api-keys': { scope: 'admin' },
  'POST /v1/api-keys': { scope: 'admin', body: { name: 'matrix', scope: 'playback' } },
  'DELETE /v1/api-keys/:keyId': { scope: 'admin' },
  // Authenticated by its signature: credentials neither help nor hurt.
  'POST /v1/agora/notifications': { scope: undefined, body: {} },
  'GET /v1/openapi.json': { scope: undefined },
  'GET /docs': { scope: undefined },
  'GET /docs/start.js': { scope: undefined },
  'GET /docs/swagger-ui-bundle.js': { scope: undefined },
  'GET /docs/swagger-ui.css': { scope: undefined },
  'GET /embed/:id': { scope: undefined },
  'GET /embed/assets/:file': { scope: undefined },
  'GET /dashboard': { scope: undefined },
  // As the router prints /dashboard/*.
  'GET /dashboard*': { scope: undefined },
  'GET /dashboard/assets/:file': { scope: undefined },
  'GET /login': { scope: undefined },
  'POST /login': { scope: undefined, body: { apiKey: 'any' } },
  'GET /login/oidc': { scope: undefined },
  'GET /login/oidc/callback': { scope: undefined },
  'POST /logout': { scope: undefined },
  'GET /v1/session': { scope: undefined, session: true },
  'GET /seller/:id': { scope: undefined },
  'GET /seller-page/assets/:file': { scope: undefined },
};

export interface ProcedureRule extends Rule {
  readonly kind: 'query' | 'mutation' | 'subscription';
}

const one = { channelId: 'matrix' };

/** Every procedure of the tRPC router, likewise. */
export const trpcRules: Readonly<Record<string, ProcedureRule>> = {
  'relay.start': { kind: 'mutation', scope: 'operate', body: one },
  'relay.stop': { kind: 'mutation', scope: 'operate', body: one },
  'relay.status': { kind: 'query', scope: 'playback', public: true, body: one },
  'streaming.getPlaybackUrl': { kind: 'query', scope: 'playback', public: true, body: one },
  'streaming.playback': { kind: 'query', scope: 'playback', public: true, body: one },
  'streaming.analytics': { kind: 'query', scope: 'operate', body: { ...one, ...day } },
  'streaming.deliveryOptions': { kind: 'query', scope: 'operate', body: one },
  overview: { kind: 'query', scope: 'operate' },
  usage: { kind: 'query', scope: 'operate', body: day },
  'channels.create': { kind: 'mutation', scope: 'operate', body: { id: 'matrix' } },
  'channels.get': { kind: 'query', scope: 'playback', body: one },
  'channels.list': { kind: 'query', scope: 'operate' },
  'channels.update': { kind: 'mutation', scope: 'operate', body: { ...one, settings: {} } },
  'channels.changeModes': { kind: 'mutation', scope: 'operate', body: { override: null } },
  'channels.history': { kind: 'query', scope: 'operate', body: { ...one, ...day } },
  'channels.end': { kind: 'mutation', scope: 'operate', body: one },
  'feedback.send': { kind: 'mutation', scope: 'playback', public: true, body: { ...one, kind: 'lag' } },
  'qoe.report': { kind: 'mutation', scope: 'playback', public: true, body: { ...one, ...qoeReport } },
  'qoe.lastHour': { kind: 'query', scope: 'operate', body: one },
  'qoe.range': { kind: 'query', scope: 'operate', body: one },
  'audience.report': { kind: 'mutation', scope: 'operate', body: { ...one, agoraViewers: 3 } },
  'tickets.create': { kind: 'mutation', scope: 'operate', body: { ...one, role: 'buyer' } },
  'events.channel': { kind: 'subscription', scope: 'playback', body: one },
  'events.all': { kind: 'subscription', scope: 'operate', body: {} },
  agoraToken: { kind: 'mutation', scope: 'operate', body: { ...one, role: 'viewer', uid: 7 } },
  'channels.rotateKey': { kind: 'mutation', scope: 'operate', body: one },
  'apiKeys.list': { kind: 'query', scope: 'admin' },
  'apiKeys.create': { kind: 'mutation', scope: 'admin', body: { name: 'matrix', scope: 'playback' } },
  'apiKeys.revoke': { kind: 'mutation', scope: 'admin', body: { id: 'matrix' } },
  audit: { kind: 'query', scope: 'admin', body: {} },
  prices: { kind: 'query', scope: 'operate' },
  budgets: { kind: 'query', scope: 'admin' },
  costs: { kind: 'query', scope: 'admin', body: day },
  alerts: { kind: 'query', scope: 'operate' },
  platforms: { kind: 'query', scope: 'operate' },
};
