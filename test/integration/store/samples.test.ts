import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Sample, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

let server: TestPostgres;
let store: Store;
let url: string;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const noon = new Date('2026-11-23T12:00:00Z');
const later = (seconds: number): Date => new Date(noon.getTime() + seconds * 1_000);

beforeAll(async () => {
  const address = await migratedDatabase(server);
  url = address().reveal();
  store = openStore({ url: address });
});

describe('samples', () => {
  test('are read as they were written, and unknown values are not 0', async () => {
    const known = sampleOf({ channelId: 'whole', at: noon });
    const unknown: Sample = {
      ...sampleOf({ channelId: 'Grüße " \\ {}, null', at: later(10) }),
      agoraViewers: undefined,
      hlsViewers: undefined,
      bitrateKbps: undefined,
      relayHealth: undefined,
      relayStatus: undefined,
      platform: undefined,
      afterGap: true,
    };
    await store.addSamples([known, unknown]);
    const latest = await store.latestSamples('shop', noon);
    expect(latest).toContainEqual(known);
    expect(latest).toContainEqual(unknown);
  });

  test('a repeated batch has no effect and changes nothing', async () => {
    const batch = [0, 10, 20].map((seconds) => sampleOf({ channelId: 'twice', at: later(seconds) }));
    await store.addSamples(batch);
    await store.addSamples(batch.map((sample) => ({ ...sample, hlsViewers: 999 })));
    const rows = await server.query(
      "select hls_viewers from stream_metrics where channel_id = 'twice' order by timestamp",
      { url },
    );
    expect(rows).toEqual(batch.map(({ hlsViewers }) => ({ hls_viewers: hlsViewers })));
  });

  test('a duplicate within a batch is stored once', async () => {
    const one = sampleOf({ channelId: 'double', at: noon });
    await store.addSamples([one, one]);
    expect(await store.latestSamples('shop', noon)).toContainEqual(one);
  });

  test('have a partition for every day, even long ago, and across midnight', async () => {
    const times = [new Date('2026-11-01T23:59:59.999Z'), new Date('2026-11-02T00:00:00Z'), later(0)];
    await store.addSamples(times.map((at) => sampleOf({ channelId: 'days', at })));
    const rows = await server.query(
      "select tableoid::regclass::text as partition from stream_metrics where channel_id = 'days' order by timestamp",
      { url },
    );
    expect(rows.map(({ partition }) => partition)).toEqual([
      'stream_metrics_p20261101',
      'stream_metrics_p20261102',
      'stream_metrics_p20261123',
    ]);
  });

  test('are written completely when they exceed one statement', async () => {
    const many = Array.from({ length: 12_345 }, (_, index) =>
      sampleOf({ namespace: 'many', channelId: String(index), at: noon }),
    );
    await store.addSamples(many);
    expect(await store.latestSamples('many', noon)).toHaveLength(12_345);
  });

  test('the newest one of each channel of a namespace, not older than requested', async () => {
    await store.addSamples([
      sampleOf({ namespace: 'newest', channelId: 'a', at: later(0) }),
      sampleOf({ namespace: 'newest', channelId: 'a', at: later(10) }),
      sampleOf({ namespace: 'newest', channelId: 'b', at: later(-60) }),
      sampleOf({ namespace: 'elsewhere', channelId: 'c', at: later(10) }),
    ]);
    const found = await store.latestSamples('newest', later(0));
    expect(found.map(({ channelId, at }) => [channelId, at])).toEqual([['a', later(10)]]);
  });

  test('one with a number out of range is left out and returned, and all others are written', async () => {
    const good = ['a', 'c'].map((channelId) => sampleOf({ namespace: 'huge', channelId, at: noon }));
    const bad = sampleOf({ namespace: 'huge', channelId: 'b', at: noon, hlsViewers: 2 ** 40 });
    expect(await store.addSamples(good.toSpliced(1, 0, bad))).toEqual([bad]);
    expect(await store.latestSamples('huge', noon)).toEqual(good);
  });
});
