import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/wait/eventually.ts';
import { connect } from '../../../src/store/connect.ts';
import { findDatabaseLayout } from '../../../src/store/layout.ts';
import { ensurePartitions, partitionOf } from '../../../src/store/partitions.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import { defaultRetention } from '../../../src/store/retention.ts';
import type { Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const DAY_MS = 86_400_000;
const first = new Date('2026-11-23T12:00:00Z');
const day = (count: number, plusMs = 0): Date => new Date(first.getTime() + count * DAY_MS + plusMs);

async function partitions(url: string): Promise<string[]> {
  const rows = await server.query(
    "select inhrelid::regclass::text as name from pg_inherits where inhparent::regclass::text like 'stream_metrics%' " +
      "and inhrelid::regclass::text like '%\\_p%' order by 1",
    { url },
  );
  return rows
    .map(({ name }) => String(name))
    .filter((name) => !name.endsWith('idx') && !name.endsWith('pkey'));
}

describe('upkeep', () => {
  test('makes the partitions of the next days, and a month of hours', async () => {
    const address = await migratedDatabase(server);
    await using store = openStore({ url: address });
    await store.upkeep(new Date('2026-11-29T23:59:00Z'));
    expect(await partitions(address().reveal())).toEqual([
      'stream_metrics_1h_p202611',
      'stream_metrics_1h_p202612',
      'stream_metrics_1m_p20261129',
      'stream_metrics_1m_p20261130',
      'stream_metrics_1m_p20261201',
      'stream_metrics_p20261129',
      'stream_metrics_p20261130',
      'stream_metrics_p20261201',
    ]);
  });

  test('partitions that many make at the same time are made once, and nobody is told off', async () => {
    const address = await migratedDatabase(server);
    const db = connect({
      url: address,
      poolSize: 8,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 60_000,
    });
    try {
      const place = await findDatabaseLayout(db);
      const wanted = Array.from({ length: 30 }, (_, count) => partitionOf('stream_metrics', day(count)));
      await Promise.all(Array.from({ length: 8 }, () => ensurePartitions(place, wanted)));
      expect(await partitions(address().reveal())).toEqual(wanted.map(({ name }) => name));
    } finally {
      await db.destroy();
    }
  });

  test('keeps samples a week, minutes 90 days and hours for ever, and says as much of the past as there is', async () => {
    const address = await migratedDatabase(server);
    const url = address().reveal();
    await using store = openStore({ url: address });
    const ask = (stepSeconds: number) =>
      store.metrics({ namespace: 'shop', channelId: 'a', from: day(0), to: day(0, 120_000), stepSeconds });
    const steps = async (stepSeconds: number) =>
      (await ask(stepSeconds)).map(({ at, hlsViewers, samples }) => [
        at.toISOString().slice(11, 19),
        hlsViewers,
        samples,
      ]);
    const upkeepAt = async (at: Date): Promise<void> => {
      await store.upkeep(at);
    };

    await store.addSamples(
      [0, 10, 60, 110].map((second) =>
        sampleOf({ channelId: 'a', at: day(0, second * 1_000), hlsViewers: second }),
      ),
    );
    await upkeepAt(day(7));
    expect(await steps(10)).toEqual([
      ['12:00:00', 0, 1],
      ['12:00:10', 10, 1],
      ['12:01:00', 60, 1],
      ['12:01:50', 110, 1],
    ]);
    expect(await partitions(url)).toContain('stream_metrics_p20261123');

    await upkeepAt(day(8));
    expect(await partitions(url)).not.toContain('stream_metrics_p20261123');
    expect(await steps(10)).toEqual([
      ['12:00:00', 5, 2],
      ['12:01:00', 85, 2],
    ]);

    await upkeepAt(day(90));
    expect(await partitions(url)).toContain('stream_metrics_1m_p20261123');
    await upkeepAt(day(91));
    expect(await partitions(url)).not.toContain('stream_metrics_1m_p20261123');
    for (const step of [10, 60, 3_600]) expect(await steps(step)).toEqual([['12:00:00', 45, 4]]);

    await upkeepAt(day(400));
    expect(await steps(3_600)).toEqual([['12:00:00', 45, 4]]);
  });

  test('drops hours, too, where a limit is set', async () => {
    const address = await migratedDatabase(server);
    const retention = { ...defaultRetention, hourDays: 365 };
    await using store = openStore({ url: address, retention });
    await store.addSamples([sampleOf({ channelId: 'a', at: first })]);
    await store.upkeep(day(1));
    await store.upkeep(day(365));
    expect(await partitions(address().reveal())).toContain('stream_metrics_1h_p202611');
    // The month goes when its last day is too old.
    await store.upkeep(day(374));
    expect(await partitions(address().reveal())).not.toContain('stream_metrics_1h_p202611');
  });

  test('a late sample of a day that was dropped does not spoil what is rolled up of it', async () => {
    const address = await migratedDatabase(server);
    await using store = openStore({ url: address });
    const said = [0, 10, 20].map((second) =>
      sampleOf({ channelId: 'a', at: day(0, second * 1_000), hlsViewers: 30 }),
    );
    await store.addSamples(said);
    for (const at of [day(0, 60_000), day(10)]) await store.upkeep(at);
    await store.addSamples([sampleOf({ channelId: 'a', at: day(0, 30_000), hlsViewers: 0 })]);
    await store.upkeep(day(10, 60_000));
    const found = await store.metrics({
      namespace: 'shop',
      channelId: 'a',
      from: day(0),
      to: day(1),
      stepSeconds: 60,
    });
    expect(found.map(({ hlsViewers, samples }) => [hlsViewers, samples])).toEqual([[30, 3]]);
  });

  test('somebody who reads for long keeps a partition from being dropped, and nobody waits long for that', async () => {
    const address = await migratedDatabase(server);
    await using store: Store = openStore({ url: address });
    await store.addSamples([sampleOf({ channelId: 'a', at: first })]);
    const reader = connect({
      url: address,
      poolSize: 1,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 60_000,
    });
    try {
      await reader.transaction().execute(async (transaction) => {
        await transaction.selectFrom('stream_metrics').selectAll().execute();
        await store.upkeep(day(20));
        expect(await partitions(address().reveal())).toContain('stream_metrics_p20261123');
      });
    } finally {
      await reader.destroy();
    }
    await eventually('the next upkeep drops it', 10, async () => {
      await store.upkeep(day(20));
      return (await partitions(address().reveal())).includes('stream_metrics_p20261123') ? undefined : true;
    });
  });
});

describe('metrics', () => {
  test('what nobody knew stays unknown, and steps without a sample are left out', async () => {
    const address = await migratedDatabase(server);
    await using store = openStore({ url: address });
    await store.addSamples([
      sampleOf({
        channelId: 'a',
        at: day(0),
        agoraViewers: undefined,
        hlsViewers: 0,
        relayHealth: undefined,
      }),
      sampleOf({
        channelId: 'a',
        at: day(0, 10_000),
        agoraViewers: undefined,
        hlsViewers: undefined,
        afterGap: true,
      }),
      sampleOf({ channelId: 'a', at: day(0, 300_000) }),
      sampleOf({ channelId: 'b', at: day(0, 60_000) }),
    ]);
    for (const rolledUp of [false, true]) {
      if (rolledUp) await store.upkeep(day(0, 600_000));
      const query = { namespace: 'shop', channelId: 'a', from: day(0), to: day(0, 600_000), stepSeconds: 60 };
      expect(await store.metrics(query)).toEqual([
        {
          at: day(0),
          agoraViewers: undefined,
          hlsViewers: 0,
          hlsViewersMost: 0,
          bitrateKbps: 2_500,
          relayHealth: 'good',
          samples: 2,
          gaps: 1,
        },
        expect.objectContaining({ at: day(0, 300_000), samples: 1 }),
      ]);
      expect(await store.metrics({ ...query, channelId: 'unknown' })).toEqual([]);
      expect(await store.metrics({ ...query, to: query.from })).toEqual([]);
    }
  });
});
