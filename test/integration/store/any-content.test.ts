import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SecretText } from '../../../src/base/secret-text.ts';
import { StoreError } from '../../../src/store/errors.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type {
  AgoraMemberEvent,
  AuditEntry,
  ChannelProjection,
  CostEntry,
  LeftOutRow,
  LiveRow,
  QoeRow,
  QoeSums,
  Sample,
  ServiceHour,
  Store,
} from '../../../src/store/store.ts';
import { latencyBuckets, startupBuckets } from '../../../src/api/qoe-buckets.ts';
import { migrated, migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

let server: TestPostgres;
let store: Store;
let url: string;
/** On the database of an app, whose channels have the IDs 1 and 2. */
let appStore: Store;
let appUrl: string;
let leftOut: LeftOutRow[] = [];
beforeAll(async () => {
  server = await TestPostgres.start();
  const address = await migratedDatabase(server);
  url = address().reveal();
  store = openStore({ url: address, onLeftOut: (row) => leftOut.push(row) });
  appUrl = await server.createDatabase();
  await server.query('create table channels (id integer primary key); insert into channels values (1), (2)', {
    url: appUrl,
  });
  await migrated(appUrl);
  appStore = openStore({ url: () => new SecretText(appUrl), appNamespace: namespace });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await appStore[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const noon = new Date('2026-11-23T12:00:00Z');
const namespace = 'shop';

const text = fc.oneof(
  fc.constantFrom(
    '\u0000',
    'a\u0000b',
    '\ud800',
    'a\udc00',
    '',
    "'; drop table channels; --",
    '{NULL,"}',
    '\\x00',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Longer than an entry of an index may be, and random, so that it cannot be compressed.
  fc.string({ unit: 'grapheme-ascii', minLength: 9_000, maxLength: 9_000 }),
);
const number = fc.oneof(
  fc.constantFrom(NaN, Infinity, -Infinity, 1e300, -1, 0.5, 2 ** 31, 2 ** 53, 2 ** 63, Number.MIN_VALUE),
  fc.double(),
  fc.integer(),
);
const date = fc.constantFrom(
  new Date(NaN),
  new Date(8.64e15),
  new Date(-8.64e15),
  new Date('0000-01-01T00:00:00Z'),
  new Date('9999-12-31T23:59:59Z'),
  new Date('+010000-01-01T00:00:00Z'),
  noon,
);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const some = <T>(row: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> => fc.array(row, { maxLength: 4 });
/** Text of a closed list, or any other: its type says the former. */
const one = <T extends string>(...values: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(fc.constantFrom(...values), text as fc.Arbitrary<T>);
const key = { namespace: fc.oneof(fc.constant(namespace), text), channelId: text };

const sample: fc.Arbitrary<Sample> = fc.record({
  ...key,
  at: date,
  agoraViewers: maybe(number),
  hlsViewers: maybe(number),
  bitrateKbps: maybe(number),
  relayHealth: maybe(one('good')),
  relayStatus: maybe(text),
  platform: maybe(text),
  afterGap: fc.boolean(),
});
const cost: fc.Arbitrary<CostEntry> = fc.record({
  ...{ ...key, hour: date, show: date, platform: text, line: text, prices: text },
  ...{ microDollars: number, quantity: number, missingSeconds: number, estimated: fc.boolean() },
});
const serviceHour: fc.Arbitrary<ServiceHour> = fc.record({
  ...{ ...key, hour: date, until: date, wantedAtEnd: fc.boolean() },
  ...{ wantedSeconds: number, onAirSeconds: number, waitingSeconds: number, missingSeconds: number },
  ...{ ingestBytes: number, measuredBytes: number, estimatedBytes: number },
});
const liveRow: fc.Arbitrary<LiveRow> = fc.record({
  ...{ ...key, at: date, agoraViewers: maybe(number), hlsViewers: maybe(number) },
  report: fc.oneof(fc.jsonValue(), text, fc.constant(undefined)),
});
const projection: fc.Arbitrary<ChannelProjection> = fc.record({
  namespace: key.namespace,
  channelId: fc.oneof(text, fc.constantFrom('2', '99999999999')),
  streamMode: maybe(one('hybrid', 'auto')),
  effectiveStreamMode: maybe(one('hybrid')),
  hlsPlaybackUrl: maybe(text),
  relayStatus: maybe(one('active')),
  relayStartedAt: maybe(date),
  streamingPlatform: maybe(text),
  streamKeyId: maybe(text),
});
const auditEntry: fc.Arbitrary<AuditEntry> = fc.record({
  ...{ at: fc.constant(noon), subject: text, action: text, outcome: text, requestId: text },
  namespace: fc.constant(namespace),
  channelId: maybe(text),
  address: maybe(text),
  detail: fc.oneof(fc.jsonValue(), fc.dictionary(text, text, { maxKeys: 3 }), fc.constant(undefined)),
});
const member: fc.Arbitrary<AgoraMemberEvent> = fc.record({
  ...{ namespace: text, project: text, agoraChannel: text, uid: number, clientSeq: number, at: date },
  ...{ present: fc.boolean(), host: fc.boolean() },
});
const sums: fc.Arbitrary<QoeSums> = fc.record({
  ...{ startups: fc.array(number), latencies: fc.array(number), playing: number, stalled: number },
  ...{ stalls: number, frames: number, dropped: number, fatal: number, starts: number },
  ...{ carried: number, carriedReporters: number },
});
const noSums: QoeSums = {
  startups: [...startupBuckets.map(() => 0), 1],
  latencies: [...latencyBuckets.map(() => 0), 1],
  ...{ playing: 1, stalled: 0, stalls: 0, frames: 0, dropped: 0, fatal: 0, starts: 1, carried: 0 },
  carriedReporters: 0,
};
const qoeRow: fc.Arbitrary<QoeRow> = fc.record({
  ...{
    channelId: text,
    at: date,
    platform: maybe(text),
    browser: text,
    sums: fc.oneof(sums, fc.constant(noSums)),
  },
});

/** Names that no other row has. */
let count = 0;
const fresh = (): string => `good-${String((count += 1))}`;

/** Runs the check with many kinds of rows. */
async function withAny<T>(rows: fc.Arbitrary<T>, check: (given: T) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(rows, check), { numRuns: 15, endOnFailure: true });
}

/** `rows` with the good one among them. */
const among = <T>(rows: readonly T[], good: T): readonly T[] => [...rows.slice(0, 2), good, ...rows.slice(2)];

describe('whatever the other rows of a batch contain, a good row is written', () => {
  test('as a sample', async () => {
    await withAny(some(sample), async (rows) => {
      const good = sampleOf({ channelId: fresh(), at: noon });
      const out = await store.addSamples(among(rows, good));
      expect(out).not.toContain(good);
      const found = await store.latestSamples(namespace, noon);
      expect(found).toContainEqual(good);
    });
  });

  test('as an entry of the ledger', async () => {
    await withAny(some(cost), async (rows) => {
      const channelId = fresh();
      const like = { platform: 'ivs', line: 'pod', prices: '1', estimated: true };
      const numbers = { microDollars: 5, quantity: 1, missingSeconds: 0 };
      await store.setCosts(
        among(rows, { namespace, channelId, hour: noon, show: noon, ...like, ...numbers }),
      );
      const to = new Date(noon.getTime() + 1);
      expect(await store.spentOf({ namespace, channelId, from: noon, to })).toBe(5);
      const since = { channelId, since: noon, show: undefined };
      expect(await store.spentBy(namespace, [since])).toEqual(new Map([[channelId, 5]]));
      await store.spentOf({ namespace, from: new Date(0), to });
      await store.costsOf({ namespace, from: new Date(0), to });
    });
  });

  test('as an hour of service', async () => {
    await withAny(some(serviceHour), async (rows) => {
      const channelId = fresh();
      const seconds = { wantedSeconds: 9, onAirSeconds: 9, waitingSeconds: 0, missingSeconds: 0 };
      const bytes = { ingestBytes: 1, measuredBytes: 0, estimatedBytes: 0 };
      const times = { hour: noon, until: noon, wantedAtEnd: false };
      await store.setServiceHours(among(rows, { namespace, channelId, ...seconds, ...bytes, ...times }));
      const query = { namespace, channelId, from: noon, to: new Date(noon.getTime() + 1) };
      expect(await store.serviceSums(query)).toContainEqual(expect.objectContaining({ onAirSeconds: 9 }));
    });
  });

  test('as live numbers', async () => {
    await withAny(some(liveRow), async (rows) => {
      const good = {
        namespace,
        channelId: fresh(),
        at: noon,
        agoraViewers: 3,
        hlsViewers: 4,
        report: { ok: 1 },
      };
      await store.setLiveNumbers(among(rows, good));
      expect(await store.liveNumbers(namespace)).toContainEqual(expect.objectContaining(good));
    });
  });

  test("as a row of the project's table of channels", async () => {
    await withAny(some(projection), async (rows) => {
      const row = { namespace, channelId: fresh(), streamMode: 'hybrid', effectiveStreamMode: 'hybrid' };
      const rest = { hlsPlaybackUrl: 'https://a.example', relayStatus: 'active', relayStartedAt: noon };
      const good = { ...row, ...rest, streamingPlatform: 'ivs', streamKeyId: 'key' };
      await store.projectChannels(among(rows, good), [namespace]);
      // Once more, when those of the others that could be written are there.
      await store.projectChannels(among(rows, { ...good, streamKeyId: 'other' }), [namespace]);
      const read = 'select stream_key_id from channels where namespace = $1 and id = $2';
      expect(await server.query(read, { url, values: [namespace, row.channelId] })).toEqual([
        { stream_key_id: 'other' },
      ]);
      await store.projectChannels([good], undefined);
    });
  });

  test("as a row of the app's table of channels", async () => {
    await withAny(some(projection), async (rows) => {
      const channel = { namespace, channelId: '1', streamMode: 'hybrid', effectiveStreamMode: 'hybrid' };
      const url = `https://a.example/${fresh()}`;
      const rest = {
        relayStatus: 'active',
        relayStartedAt: noon,
        streamingPlatform: 'ivs',
        streamKeyId: 'key',
      };
      await appStore.projectChannels(among(rows, { ...channel, ...rest, hlsPlaybackUrl: url }), [namespace]);
      expect(
        await server.query('select hls_playback_url as url from channels where id = 1', { url: appUrl }),
      ).toEqual([{ url }]);
    });
  });

  test('as a moment of the history', async () => {
    const moment = fc.record({ ...key, at: date, kind: one('restart', 'mode'), text });
    await withAny(some(moment), async (rows) => {
      const good = { namespace, channelId: fresh(), at: noon, kind: 'restart' as const, text: 'x' };
      await store.addMoments(among(rows, good));
      const query = {
        namespace,
        channelId: good.channelId,
        from: noon,
        to: new Date(noon.getTime() + 1),
        most: 9,
      };
      expect(await store.history(query)).toEqual([good]);
    });
  });

  test('as an announcement', async () => {
    const messages = fc.array(fc.record({ type: one('status', 'mode', 'ended'), data: text }), {
      maxLength: 2,
    });
    const announcement = fc.record({ ...key, state: maybe(text), messages });
    await withAny(some(announcement), async (rows) => {
      const channelId = fresh();
      const good = { namespace, channelId, state: '{}', messages: [{ type: 'status' as const, data: '{}' }] };
      await store.announce(among(rows, good), noon);
      expect(await store.announced([namespace])).toContainEqual({ namespace, channelId, state: '{}' });
      expect(await store.waitingMessages(10_000)).toContainEqual(
        expect.objectContaining({ channelId, type: 'status', data: '{}' }),
      );
    });
  });

  test('as sums of what players measure, once', async () => {
    let batch = 0;
    await withAny(some(qoeRow), async (rows) => {
      const channelId = fresh();
      const good: QoeRow = { channelId, at: noon, platform: 'ivs', browser: 'chrome', sums: noSums };
      const given = { namespace, replica: 'one', batch: (batch += 1), rows: among(rows, good) };
      await store.addQoe(given);
      await store.addQoe(given);
      const query = { namespace, channelId, from: noon, to: new Date(noon.getTime() + 60_000) };
      const found = await store.qoe({ ...query, stepSeconds: 60, replica: 'one' });
      expect(found).toMatchObject({ batch, rows: [{ channelId, sums: { playing: 1, starts: 1 } }] });
    });
  });

  test('as a number of players', async () => {
    const players = fc.record({ channelId: text, connected: number, watching: number });
    await withAny(some(players), async (rows) => {
      const channelId = fresh();
      await store.exchangeQoePlayers(namespace, 'one', among(rows, { channelId, connected: 2, watching: 1 }));
      expect(await store.exchangeQoePlayers(namespace, 'two', [])).toContainEqual(
        expect.objectContaining({ channelId, connected: 2, watching: 1 }),
      );
    });
  });

  test('as an event of a member of an Agora channel', async () => {
    await withAny(some(member), async (rows) => {
      const agoraChannel = fresh();
      const good = { namespace, project: 'agora', agoraChannel, uid: 7, clientSeq: 1, at: noon };
      const newest = await store.addAgoraEvents(among(rows, { ...good, present: true, host: true }), noon);
      expect(newest[Math.min(2, rows.length)]).toBe(true);
      expect(await store.agoraAudience(noon)).toContainEqual(
        expect.objectContaining({ agoraChannel, hostUids: [7] }),
      );
    });
  });

  test('and an entry of the audit log always is, in order', async () => {
    await withAny(some(auditEntry), async (rows) => {
      const good: AuditEntry = {
        ...{ at: noon, subject: 'api-key:1', action: 'stopRelay', outcome: 'ok', requestId: fresh() },
        ...{ namespace, channelId: 'show', address: '192.0.2.1', detail: { a: 1 } },
      };
      leftOut = [];
      await store.appendAudit(among(rows, good));
      expect(leftOut).toEqual([]);
      const found = await store.auditEntries({ namespaces: [namespace], most: rows.length + 1 });
      expect(found).toHaveLength(rows.length + 1);
      expect(found.at(-1 - Math.min(2, rows.length))).toMatchObject(good);
    });
  });
});

describe('whatever a single row contains, it is written or refused as Invalid', () => {
  const subject = fc.oneof(
    fc.record({ ...key, platform: maybe(text) }),
    fc.record({ namespace: fc.constant(undefined), channelId: fc.constant(undefined), platform: text }),
  );
  const id = fc.oneof(text, fc.constantFrom('1', '999999999999999'));
  const alert = fc
    .tuple(
      subject,
      fc.record({ raisedAt: date, kind: text, message: text, occasion: text }),
      one('info', 'warning'),
    )
    .map(([about, rest, severity]) => ({ ...about, ...rest, severity }));
  const methods: Readonly<Record<string, fc.Arbitrary<() => Promise<unknown>>>> = {
    raiseAlert: alert.map((given) => () => store.raiseAlert(given)),
    resolveAlert: fc
      .tuple(subject, text, date)
      .map((given) => () => store.resolveAlert(given[0], given[1], given[2])),
    resolveAlertOfKind: fc
      .tuple(subject, one('ChannelOffAir'), date)
      .map((given) => () => store.resolveAlertOfKind(given[0], given[1], given[2])),
    alertDelivered: fc.record({ id, resolvedAt: maybe(date), at: date }).map(
      ({ at, ...given }) =>
        () =>
          store.alertDelivered(given, at),
    ),
    alertGivenUp: fc.tuple(id, date).map(
      ([given, at]) =>
        () =>
          store.alertGivenUp(given, at),
    ),
    messageDelivered: id.map((given) => () => store.messageDelivered(given)),
    pruneMessages: date.map((before) => () => store.pruneMessages(before, 1_000_000)),
    agoraChannelDestroyed: fc
      .tuple(fc.record({ namespace: text, project: text, agoraChannel: text }), date)
      .map(
        ([given, at]) =>
          () =>
            store.agoraChannelDestroyed(given, at),
      ),
    reportAudience: fc.tuple(fc.record(key), number, date).map(
      ([given, viewers, at]) =>
        () =>
          store.reportAudience(given, viewers, at),
    ),
    putApiKey: fc
      .record({ id: text, name: text, hash: fc.uint8Array(), scopes: fc.array(text), expiresAt: maybe(date) })
      .map((given) => () => store.putApiKey(given)),
    revokeApiKey: fc.tuple(text, date).map(
      ([given, at]) =>
        () =>
          store.revokeApiKey(given, at),
    ),
    apiKeyUsed: fc.tuple(text, date).map(
      ([given, at]) =>
        () =>
          store.apiKeyUsed(given, at),
    ),
  };

  test.each(Object.keys(methods))('by %s', async (name) => {
    await withAny(methods[name] ?? fc.constant(() => Promise.resolve()), async (call) => {
      const outcome = await call().then(
        () => 'written',
        (error: unknown) => (error instanceof StoreError ? error.reason : error),
      );
      expect(['written', 'Invalid']).toContain(outcome);
    });
  });
});

test('rows that were left out are named and counted', async () => {
  leftOut = [];
  const before = store.leftOutRows().get('stream_metrics') ?? 0;
  const bad = sampleOf({ channelId: 'a\u0000b', at: noon });
  expect(await store.addSamples([bad, sampleOf({ channelId: fresh(), at: noon })])).toEqual([bad]);
  expect(leftOut).toEqual([
    { table: 'stream_metrics', row: 'shop/a\u0000b', message: expect.stringContaining('0x00') },
  ]);
  expect(store.leftOutRows().get('stream_metrics')).toBe(before + 1);
});

test('a batch is kept by its caller if the fault is not that of a row', async () => {
  const url = await server.createDatabase();
  await migrated(url);
  await using broken = openStore({ url: () => new SecretText(url) });
  await server.query('alter table livechannel_history drop column text', { url });
  const moment = { namespace, channelId: 'show', at: noon, kind: 'restart' as const, text: 'x' };
  await expect(broken.addMoments([moment])).rejects.toMatchObject({ reason: 'Unavailable' });
  expect(broken.leftOutRows().size).toBe(0);
});
