import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { liveChannelType } from '../../../src/api/kinds.ts';
import type { Ticket } from '../../../src/server/auth/tickets/ticket.ts';
import { deliveryOptionsSchema } from '../../../src/server/contract/delivery-options.ts';
import type { NumbersEvent, ServerEvent } from '../../../src/server/contract/events.ts';
import { overviewSchema } from '../../../src/server/contract/overview.ts';
import type { CallContext } from '../../../src/server/service.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { LiveRow, Sample, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { relayNumbers } from '../../support/server/live-numbers-examples.ts';
import { as, refused, ServicesUnderTest } from './services-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

let stage: OperatorStage;
let postgres: TestPostgres;
let store: Store;
let url: string;
let namespace: string;
let it: ServicesUnderTest;
const operate = as('operate', AbortSignal.timeout(600_000));
const admin = as('admin', AbortSignal.timeout(600_000));

beforeAll(async () => {
  [stage, postgres] = await Promise.all([OperatorStage.build(), TestPostgres.start()]);
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  const database = await migratedDatabase(postgres);
  url = database().reveal();
  store = openStore({ url: database, connectTimeoutMs: 1_000, statementTimeoutMs: 2_000 });
  await store.upkeep(new Date());
  it = await ServicesUnderTest.start(stage, namespace, { store });
  await it.services.createChannel(operate, { id: 'show', onAir: false }, undefined);
}, 180_000);
afterAll(async () => {
  await it[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const sample = (at: Date, numbers: Partial<Sample>): Sample => ({
  namespace,
  channelId: 'show',
  at,
  agoraViewers: undefined,
  hlsViewers: undefined,
  bitrateKbps: undefined,
  relayHealth: undefined,
  relayStatus: 'active',
  platform: 'origin',
  afterGap: false,
  ...numbers,
});
/** undefined: unknown. */
const viewers = async (): Promise<number | undefined> => {
  const { viewerCount, viewersKnown } = await it.services.relay(operate, 'show');
  return viewersKnown ? viewerCount : undefined;
};

test('figures come from the newest sample, and subscribers receive new ones', async () => {
  expect(await viewers()).toBeUndefined();
  const stop = new AbortController();
  const received: ServerEvent[] = [];
  const reading = (async () => {
    for await (const event of it.services.events(as('playback', stop.signal), 'show', undefined))
      received.push(event);
  })();
  await store.addSamples([
    sample(new Date(), { hlsViewers: 40, agoraViewers: 2, bitrateKbps: 2_500, relayHealth: 'good' }),
  ]);
  await eventually('42 viewers', 20, async () => ((await viewers()) === 42 ? true : undefined));
  expect(await it.services.relay(operate, 'show')).toMatchObject({
    viewerCount: 42,
    hlsViewers: 40,
    agoraViewers: 2,
    bitrate: 2_500,
    bitrateKbps: 2_500,
    health: 'good',
  });
  const lastStatus = received.findLast(({ type }) => type === 'status');
  expect(lastStatus).toMatchObject({ channel: { relay: { viewerCount: 42 } } });
  // The platform no longer reports a number: viewerCount is only those who are known.
  await store.addSamples([sample(new Date(Date.now() + 1), { agoraViewers: 2 })]);
  await eventually('viewers are unknown', 20, async () =>
    (await viewers()) === undefined ? true : undefined,
  );
  expect(await it.services.relay(operate, 'show')).toMatchObject({
    viewerCount: 2,
    hlsViewers: null,
    bitrate: 0,
    bitrateKbps: null,
  });
  stop.abort();
  await reading;
});

test('charts, alerts and the reported audience use the database', async () => {
  const now = Date.now();
  const from = new Date(now - 600_000);
  await store.addSamples(
    Array.from({ length: 30 }, (_, step) =>
      sample(new Date(from.getTime() + step * 10_000), { hlsViewers: 10 }),
    ),
  );
  const period = { from: from.toISOString(), to: new Date(now - 200_000).toISOString() };
  const points = await it.services.metrics(operate, 'show', { ...period, step: 60 });
  expect(points.length).toBeGreaterThanOrEqual(5);
  expect(points[1]).toMatchObject({ hlsViewers: 10, agoraViewers: null });
  // By default, the last hour; with one end given, an hour from there.
  const lastHour = await it.services.metrics(operate, 'show', { step: 60 });
  expect(lastHour.length).toBeGreaterThanOrEqual(points.length);
  expect(await it.services.metrics(operate, 'show', { step: 60, to: from.toISOString() })).toEqual([]);
  expect(
    await refused(it.services.metrics(operate, 'show', { from: period.to, to: period.from, step: 60 })),
  ).toMatchObject({
    code: 'invalid-request',
    errors: [{ path: 'to' }],
  });
  const year = { from: '2026-01-01T00:00:00Z', to: '2026-12-31T00:00:00Z' };
  expect(await refused(it.services.metrics(operate, 'show', { ...year, step: 10 }))).toMatchObject({
    errors: [{ path: 'step' }],
  });

  await it.services.reportAudience(operate, 'show', 17);
  expect(await store.audience(from)).toMatchObject([{ channelId: 'show', agoraViewers: 17 }]);
  expect(await refused(it.services.reportAudience(operate, 'no-such', 1))).toMatchObject({
    code: 'channel-not-found',
  });

  for (const occasion of ['a', 'b', 'c'])
    await store.raiseAlert({
      namespace,
      channelId: 'show',
      raisedAt: new Date(),
      kind: 'budget-nearly-spent',
      severity: 'warning',
      message: `80% of it, ${occasion}`,
      occasion,
    });
  const first = await it.services.alerts(operate, { limit: 2 });
  const second = await it.services.alerts(operate, { limit: 2, before: first.next });
  expect([first.items.length, second.items.length, second.next]).toEqual([2, 1, undefined]);
});

test('subscribers to all channels receive alerts, those of platforms included; a buyer receives none', async () => {
  const stop = new AbortController();
  const all: ServerEvent[] = [];
  const one: ServerEvent[] = [];
  const follow = async (events: ServerEvent[], scope: 'operate' | 'playback', id?: string): Promise<void> => {
    for await (const event of it.services.events(as(scope, stop.signal), id, undefined)) events.push(event);
  };
  const following = Promise.all([follow(all, 'operate'), follow(one, 'playback', 'show')]);
  const alerts = () =>
    all.flatMap((event) =>
      event.type === 'alert' && event.alert.platform === 'origin' ? [event.alert] : [],
    );
  const alert = { namespace: undefined, channelId: undefined, platform: 'origin' };
  await store.raiseAlert({
    ...{ ...alert, raisedAt: new Date(), kind: 'PlatformNotReady', severity: 'critical' },
    ...{ message: 'CredentialsRejected', occasion: 'PlatformNotReady/1' },
  });
  const platforms = { limit: 10, kind: 'PlatformNotReady', platform: 'origin' };
  expect((await it.services.alerts(operate, platforms)).items).toMatchObject([
    { channelId: null, platform: 'origin', resolvedAt: null },
  ]);
  expect((await it.services.alerts(operate, { limit: 10, platform: 'other' })).items).toEqual([]);
  await eventually('the alert arrives', 20, () => alerts().length > 0);
  await store.resolveAlertOfKind(alert, 'PlatformNotReady', new Date());
  await eventually('its end arrives', 20, () => alerts().length > 1);
  stop.abort();
  await following;
  expect(alerts().map(({ channelId, resolvedAt }) => [channelId, resolvedAt === null])).toEqual([
    [null, true],
    [null, false],
  ]);
  expect(one.filter(({ type }) => type === 'alert')).toEqual([]);
}, 60_000);

test('costs are summed exactly', async () => {
  const hour = new Date('2026-11-23T05:00:00Z');
  const entry = {
    namespace,
    channelId: 'show',
    hour,
    show: hour,
    platform: 'ivs-eu',
    prices: '2026-10-09',
    missingSeconds: 0,
  };
  await store.setCosts([
    { ...entry, line: 'delivery', microDollars: 3_400_001, quantity: 144_000, estimated: true },
    {
      ...entry,
      line: 'ingest',
      microDollars: 2_000_000,
      quantity: 3_600,
      estimated: false,
      missingSeconds: 90,
    },
    {
      ...entry,
      hour: new Date('2026-11-23T06:00:00Z'),
      line: 'delivery',
      microDollars: 1,
      quantity: 0,
      estimated: true,
    },
  ]);
  const period = { from: '2026-11-23T05:00:00Z', to: '2026-11-23T07:00:00Z' };
  const costs = await it.services.costs(admin, period);
  expect(costs).toMatchObject({ usd: '5.400002', perViewerHourUsd: '0.135000', estimated: true });
  expect(costs).toMatchObject({ complete: false, missingSeconds: 90 });
  expect(costs.lines).toHaveLength(2);
  expect(costs.channels).toMatchObject([{ channelId: 'show', usd: '5.400002', missingSeconds: 90 }]);
  expect(await refused(it.services.costs(operate, period))).toMatchObject({
    code: 'not-allowed',
    scope: 'admin',
  });
});

test('an admin creates, lists and revokes API keys, and reads who did so', async () => {
  const made = await it.services.createApiKey(admin, {
    name: 'till 7',
    scope: 'playback',
    expiresInSeconds: 3_600,
  });
  expect(made).toMatchObject({ name: 'till 7', scopes: ['playback'] });
  expect(made.key).toMatch(new RegExp(`^lc_${made.id}_[\\w-]{43}$`));
  expect(Date.parse(made.expiresAt ?? '') - Date.parse(made.createdAt)).toBe(3_600_000);
  const listed = async () => (await it.services.apiKeys(admin)).find(({ id }) => id === made.id);
  expect(await listed()).toMatchObject({ name: 'till 7', revokedAt: null, lastUsedAt: null });
  expect(JSON.stringify(await it.services.apiKeys(admin))).not.toContain(made.key.slice(-43));
  await it.services.revokeApiKey(admin, made.id);
  await it.services.revokeApiKey(admin, made.id);
  expect((await listed())?.revokedAt).not.toBeNull();
  expect(await refused(it.services.revokeApiKey(admin, 'nobodys'))).toMatchObject({
    code: 'api-key-not-found',
  });
  for (const call of [
    it.services.apiKeys(operate),
    it.services.createApiKey(operate, { name: 'mine', scope: 'admin' }),
    it.services.revokeApiKey(operate, made.id),
    it.services.audit(operate, { limit: 10 }),
  ])
    expect(await refused(call)).toMatchObject({ code: 'not-allowed', scope: 'admin' });
  const entries = await eventually('the entries', 20, async () => {
    const { items } = await it.services.audit(admin, { limit: 50 });
    return items.filter(({ action }) => action.endsWith('ApiKey')).length === 6 ? items : undefined;
  });
  expect(entries.filter(({ action }) => action === 'createApiKey')).toMatchObject([
    { subject: 'api-key:operate', outcome: 'not-allowed', detail: { name: 'mine', scope: 'admin' } },
    { subject: 'api-key:admin', outcome: 'ok', detail: { id: made.id, name: 'till 7', scope: 'playback' } },
  ]);
  expect(JSON.stringify(entries)).not.toContain(made.key.slice(-43));
  const [newest, second] = entries;
  const page = await it.services.audit(admin, { limit: 1 });
  expect(page).toEqual({ items: [newest], next: newest?.id });
  expect((await it.services.audit(admin, { limit: 1, before: page.next })).items).toEqual([second]);
  const period = { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z', limit: 1 };
  expect(await refused(it.services.audit(admin, period))).toMatchObject({ code: 'invalid-request' });
});

test('every change is in the audit log, rejected or not, including those during a database outage', async () => {
  const fromBrowser = { ...operate, address: '203.0.113.9' };
  await it.services.changeChannel(fromBrowser, 'show', { maxResolution: '720p' }, undefined);
  await postgres.stop();
  await it.services.changeChannel(operate, 'show', { maxResolution: '480p' }, undefined);
  await refused(it.services.endChannel(as('playback'), 'show', undefined));
  expect(await refused(it.services.alerts(operate, { limit: 2 }))).toMatchObject({
    code: 'store-unavailable',
  });
  expect((await it.services.channel(operate, 'show')).value.id).toBe('show');
  await postgres.start();
  const rows = await eventually('the entries', 20, async () => {
    const found = await postgres.query(
      `select subject, action, outcome, channel_id, detail, address from livechannel_audit
       where action not like '%ApiKey' order by id`,
      { url },
    );
    return found.some(({ action }) => action === 'endChannel') ? found : undefined;
  });
  expect(
    rows.map(({ subject, action, outcome }) => `${String(subject)} ${String(action)} ${String(outcome)}`),
  ).toEqual([
    'api-key:operate createChannel ok',
    'api-key:operate changeChannel ok',
    'api-key:operate changeChannel ok',
    'api-key:playback endChannel not-allowed',
  ]);
  expect(rows.slice(1, 3)).toMatchObject([
    { address: '203.0.113.9' },
    { channel_id: 'show', detail: { maxResolution: '480p' }, address: null },
  ]);
});

/** Writes what the recorder would, every second. */
const measure = async (difference: Partial<LiveRow> = {}): Promise<void> =>
  store.setLiveNumbers([
    {
      ...{ namespace, channelId: 'show', at: new Date(), agoraViewers: 2, hlsViewers: 100 },
      report: relayNumbers({ at: new Date().toISOString(), outBitrateKbps: 2_345, height: 720 }),
      ...difference,
    },
  ]);

test('live numbers reach sellers with media, dashboards without it, and buyers not at all', async () => {
  await stage.client.patchMerge(liveChannelType, { namespace, name: 'show' }, { spec: { suspend: false } });
  const ticket = (role: 'buyer' | 'seller'): Ticket => ({
    ...{ id: 'abcdefgh', channelId: 'show', role, userId: undefined, grants: [] },
    ...{ issuedAt: new Date(), expiresAt: new Date(Date.now() + 600_000) },
  });
  const stop = new AbortController();
  const received: Record<string, ServerEvent[]> = {};
  const follow = async (name: string, call: CallContext, id?: string): Promise<void> => {
    const events: ServerEvent[] = (received[name] = []);
    for await (const event of it.services.events(call, id, undefined)) events.push(event);
  };
  const bearer = (role: 'buyer' | 'seller'): CallContext => ({
    caller: { subject: `ticket:${role}#abcdefgh`, scope: undefined, ticket: ticket(role) },
    ...{ requestId: role, signal: stop.signal },
  });
  const following = Promise.all([
    follow('buyer', bearer('buyer'), 'show'),
    follow('seller', bearer('seller'), 'show'),
    follow('viewer', as('playback', stop.signal), 'show'),
    follow('back end', as('operate', stop.signal), 'show'),
    follow('dashboard', as('operate', stop.signal)),
  ]);
  const numbers = (name: string): readonly NumbersEvent[] =>
    (received[name] ?? []).flatMap((event) => (event.type === 'numbers' ? [event] : []));
  await eventually('numbers of everyone who may have them', 20, async () => {
    await measure();
    return ['seller', 'back end', 'dashboard'].every((name) =>
      numbers(name).some(({ channels: [first] }) => first?.hlsViewers === 100),
    );
  });
  expect(numbers('seller').at(-1)?.channels).toMatchObject([
    { channelId: 'show', agoraViewers: 2, bitrateKbps: 2_345, health: 'good', media: { height: 720 } },
  ]);
  expect(numbers('dashboard').at(-1)?.channels).toMatchObject([{ channelId: 'show', hlsViewers: 100 }]);
  expect(JSON.stringify(numbers('dashboard'))).not.toContain('media');
  expect([numbers('buyer'), numbers('viewer')]).toEqual([[], []]);
  // The age is known while somebody asks for the numbers.
  expect(await it.registry.getSingleMetricAsString('livechannel_api_live_numbers_age_seconds')).toMatch(
    /_seconds \d/,
  );
  stop.abort();
  await following;
}, 60_000);

test('the overview and the delivery options use what is measured now', async () => {
  await measure();
  const overview = overviewSchema.parse(await it.services.overview(operate));
  expect(overview).toMatchObject({
    channels: { total: 1, wanted: 1 },
    alerts: { critical: expect.any(Number), warning: expect.any(Number) },
  });
  const { options } = deliveryOptionsSchema.parse(await it.services.deliveryOptions(operate, 'show'));
  // The origin's viewers cost nothing, and the price of Agora is that of 720 lines.
  expect(options).toMatchObject([
    { mode: 'agora-only', usdPerThousandViewerMinutes: 3.99 },
    { mode: 'hybrid', usdPerThousandViewerMinutes: 0 },
    { mode: 'hls-only', usdPerThousandViewerMinutes: 0, delaySeconds: 8 },
  ]);
  expect(await refused(it.services.deliveryOptions(operate, 'no-such'))).toMatchObject({
    code: 'channel-not-found',
  });
});
