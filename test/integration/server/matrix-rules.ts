import type { Scope } from '../../../src/server/service.ts';

/** Who may make a call, and an example of an otherwise valid call. */
export interface Rule {
  /** undefined: anyone, with any credentials. */
  readonly scope: Scope | undefined;
  /** Anyone may when public playback is enabled. */
  readonly public?: true;
  readonly body?: unknown;
}

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
  'POST /v1/channels/:id/feedback': { scope: 'playback', body: { kind: 'lag' } },
  'GET /v1/channels/:id/metrics': { scope: 'operate', body: day },
  'GET /v1/channels/:id/events': { scope: 'playback' },
  'GET /v1/events': { scope: 'operate' },
  'GET /v1/usage': { scope: 'operate', body: day },
  'GET /v1/platforms': { scope: 'operate' },
  'GET /v1/costs': { scope: 'admin', body: day },
  'GET /v1/alerts': { scope: 'operate' },
  // Authenticated by its signature: credentials neither help nor hurt.
  'POST /v1/agora/notifications': { scope: undefined, body: {} },
  'GET /v1/openapi.json': { scope: undefined },
  'GET /docs': { scope: undefined },
  'GET /docs/start.js': { scope: undefined },
  'GET /docs/swagger-ui-bundle.js': { scope: undefined },
  'GET /docs/swagger-ui.css': { scope: undefined },
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
  usage: { kind: 'query', scope: 'operate', body: day },
  'channels.create': { kind: 'mutation', scope: 'operate', body: { id: 'matrix' } },
  'channels.get': { kind: 'query', scope: 'playback', body: one },
  'channels.list': { kind: 'query', scope: 'operate' },
  'channels.update': { kind: 'mutation', scope: 'operate', body: { ...one, settings: {} } },
  'channels.changeModes': { kind: 'mutation', scope: 'operate', body: { override: null } },
  'channels.end': { kind: 'mutation', scope: 'operate', body: one },
  'feedback.send': { kind: 'mutation', scope: 'playback', body: { ...one, kind: 'lag' } },
  'audience.report': { kind: 'mutation', scope: 'operate', body: { ...one, agoraViewers: 3 } },
  'tickets.create': { kind: 'mutation', scope: 'operate', body: { ...one, role: 'buyer' } },
  'events.channel': { kind: 'subscription', scope: 'playback', body: one },
  'events.all': { kind: 'subscription', scope: 'operate', body: {} },
  agoraToken: { kind: 'mutation', scope: 'operate', body: { ...one, role: 'viewer', uid: 7 } },
  costs: { kind: 'query', scope: 'admin', body: day },
  alerts: { kind: 'query', scope: 'operate' },
  platforms: { kind: 'query', scope: 'operate' },
};
