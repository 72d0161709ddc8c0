import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServerEvent } from '../../../src/server/contract/events.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Sample, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
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

test('every change is in the audit log, rejected or not, including those during a database outage', async () => {
  await it.services.changeChannel(operate, 'show', { maxResolution: '720p' }, undefined);
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
      'select subject, action, outcome, channel_id, detail from livechannel_audit order by id',
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
  expect(rows[2]).toMatchObject({ channel_id: 'show', detail: { maxResolution: '480p' } });
});
