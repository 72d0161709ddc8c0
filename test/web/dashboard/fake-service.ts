import { z } from 'zod';
import { auditMatches } from '../../../src/api/audit-match.ts';
import type { AlertView } from '../../../src/api/alerts.ts';
import type { ChannelView } from '../../../src/api/channel-view.ts';
import type { ChannelNumbers } from '../../../src/api/live-numbers.ts';
import { apiKeyRequestSchema, type ApiKeyView } from '../../../src/server/contract/api-keys.ts';
import type { AuditEntryView } from '../../../src/server/contract/audit.ts';
import type { LiveEvent } from '../../../src/web/dashboard/live/live-event.ts';
import type { Session } from '../../../src/web/dashboard/service/session.ts';
import { budgets, costs, prices } from './sample-costs.ts';
import {
  alerts,
  apiKeyOf,
  apiKeys,
  atSecond,
  auditEntries,
  channelsInStates,
  metricPoints,
  numbersOf,
  overview,
  platforms,
  qoe,
} from './sample-data.ts';

type Answer = (input: unknown) => unknown;

/** The service at the edge of HTTP: answers to requests, and events. Runs in jsdom and in Node. */
export class FakeService {
  session: Session | undefined = {
    subject: 'api-key:operations',
    scope: 'admin',
    expiresAt: atSecond(28_800),
  };
  apiKey = 'lck_right';
  /** Empty: login is not set up. */
  loginMethods: readonly string[] = ['api-key', 'oidc'];
  channels: readonly ChannelView[] = channelsInStates;
  alerts: readonly AlertView[] = alerts;
  audit: readonly AuditEntryView[] = auditEntries;
  apiKeys: readonly ApiKeyView[] = apiKeys;
  /** Bodies of what changed something, as `path: body`. */
  readonly changes: string[] = [];
  /** The streams that are open. */
  readonly sinks = new Set<(event: LiveEvent) => void>();
  /** Answers by procedure; each may be replaced. */
  readonly answers: Record<string, Answer> = {
    overview: () => overview,
    'channels.list': () => ({ items: this.channels }),
    platforms: () => platforms,
    alerts: (input) => ({ items: this.alerts.filter(isIn(input)) }),
    'streaming.analytics': () => metricPoints,
    'qoe.lastHour': () => qoe,
    audit: (input) => this.#audit(input),
    'apiKeys.list': () => this.apiKeys,
    'apiKeys.create': (input) => this.#createApiKey(input),
    'apiKeys.revoke': (input) => this.#revokeApiKey(input),
    costs: () => costs,
    prices: () => prices,
    budgets: () => budgets,
    'channels.history': () => [],
    'relay.start': () => ({ success: true }),
    'relay.stop': () => ({ success: true }),
    'channels.rotateKey': () => ({ success: true }),
    'channels.end': () => ({ success: true }),
    'channels.update': () => ({ channel: this.channels[0] }),
  };
  /** Whether requests reach the service. */
  online = true;

  readonly fetch: typeof fetch = async (input, init) => {
    if (!this.online) throw new TypeError('Failed to fetch');
    const url = new URL(typeof input === 'string' ? input : 'url' in input ? input.url : input);
    const body = typeof init?.body === 'string' ? init.body : undefined;
    return this.#answer(url, init?.method ?? 'GET', body);
  };

  send(...events: readonly LiveEvent[]): void {
    for (const event of events) for (const sink of this.sinks) sink(event);
  }

  sendNumbers(channels: readonly ChannelNumbers[] = this.onAir()): void {
    this.send({ type: 'numbers', id: '1.9', at: atSecond(0), channels: [...channels] });
  }

  onAir(): readonly ChannelNumbers[] {
    return this.channels
      .filter(({ relay }) => relay.isActive)
      .map(({ id, relay }) => numbersOf(id, { health: relay.reportedHealth }));
  }

  #answer(url: URL, method: string, body: string | undefined): Response {
    if (url.pathname === '/v1/session')
      return this.session === undefined ? problem(401, 'Authentication required.') : json(200, this.session);
    if (url.pathname === '/login') return method === 'GET' ? this.#loginMethods() : this.#login(body);
    if (url.pathname === '/logout') {
      this.session = undefined;
      return json(200, {});
    }
    if (this.session === undefined) return trpcProblem(401, 'Authentication required.');
    const path = url.pathname.replace('/trpc/', '');
    const input: unknown = JSON.parse(body ?? url.searchParams.get('input') ?? 'null');
    if (method === 'POST') this.changes.push(`${path}: ${body ?? ''}`);
    try {
      return json(200, { result: { data: this.answers[path]?.(input) } });
    } catch (error) {
      if (error instanceof Refusal) return trpcProblem(error.status, error.message);
      throw error;
    }
  }

  #audit(input: unknown): unknown {
    const { subject, match, action, channelId, from, to, before, limit } = auditQuery.parse(input);
    const isLike = (value: string, text: string): boolean =>
      match === 'prefix' ? value.toLowerCase().startsWith(text.toLowerCase()) : value === text;
    const found = this.audit.filter(
      (entry) =>
        (subject === undefined ||
          isLike(entry.subject, subject) ||
          isLike(entry.subject.replace(/^.*[#:]/, ''), subject)) &&
        (action === undefined || entry.action === action) &&
        (channelId === undefined || isLike(entry.channelId ?? '', channelId)) &&
        (from === undefined || entry.at >= from) &&
        (to === undefined || entry.at < to) &&
        (before === undefined || Number(entry.id) < Number(before)),
    );
    const items = found.slice(0, limit);
    return { items, ...(found.length > limit ? { next: items.at(-1)?.id } : {}) };
  }

  #createApiKey(input: unknown): unknown {
    const { name, scope, expiresInSeconds } = apiKeyRequestSchema.parse(input);
    const created = apiKeyOf('new1', {
      name,
      scopes: [scope],
      createdAt: atSecond(0),
      expiresAt: expiresInSeconds === undefined ? null : atSecond(expiresInSeconds),
      lastUsedAt: null,
    });
    this.apiKeys = [created, ...this.apiKeys];
    return { ...created, key: 'lc_new1_the-secret' };
  }

  #revokeApiKey(input: unknown): unknown {
    const { id } = z.object({ id: z.string() }).parse(input);
    this.apiKeys = this.apiKeys.map((each) => (each.id === id ? { ...each, revokedAt: atSecond(0) } : each));
    return { success: true };
  }

  #loginMethods(): Response {
    if (this.loginMethods.length === 0) return problem(409, 'Login is not set up. Set the keys of sessions.');
    return json(200, { methods: this.loginMethods });
  }

  #login(body: string | undefined): Response {
    if (body !== JSON.stringify({ apiKey: this.apiKey })) return problem(401, 'The API key is not valid.');
    this.session = { subject: 'api-key:operations', scope: 'admin', expiresAt: atSecond(28_800) };
    return json(200, {});
  }
}

const auditQuery = z.object({
  subject: z.string().optional(),
  match: z.enum(auditMatches).optional(),
  action: z.string().optional(),
  channelId: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  before: z.string().optional(),
  limit: z.int(),
});

/** Whether an alert is among those that a request wants: of one channel, or of all. */
function isIn(input: unknown): (alert: AlertView) => boolean {
  const wanted =
    typeof input === 'object' && input !== null && 'channelId' in input ? input.channelId : undefined;
  return ({ channelId }) => wanted === undefined || channelId === wanted;
}

/** Thrown by an answer: the service refuses. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

const problem = (status: number, detail: string): Response => json(status, { status, detail });

const trpcProblem = (status: number, detail: string): Response =>
  json(status, {
    error: {
      message: detail,
      code: -32_000,
      data: { code: 'REFUSED', httpStatus: status, problem: { code: 'refused', detail } },
    },
  });
