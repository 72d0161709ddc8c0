import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SecretText } from '../../../src/base/secret-text.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { MetricPoint, Sample, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const begin = Date.parse('2026-11-23T09:00:00Z');
const SECONDS = 3 * 3_600;
const key = { namespace: 'shop', channelId: 'one' };

async function withStore(work: (store: Store, url: string) => Promise<void>): Promise<void> {
  const url = await migratedDatabase(server);
  await using store = openStore({ url });
  await work(store, url().reveal());
}

/** The expected chart, calculated from the single samples. */
function byHand(samples: readonly Sample[], stepSeconds: number): MetricPoint[] {
  const steps = Map.groupBy(samples, ({ at }) => Math.floor(at.getTime() / (stepSeconds * 1_000)));
  return [...steps.keys()]
    .sort((one, other) => one - other)
    .map((step) => {
      const within = steps.get(step) ?? [];
      const known = (pick: (sample: Sample) => number | undefined): number[] =>
        within.map(pick).filter((value) => value !== undefined);
      const average = (values: number[]): number | undefined =>
        values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
      const most = known(({ hlsViewers }) => hlsViewers);
      const healths = within.map(({ relayHealth }) => relayHealth);
      return {
        at: new Date(step * stepSeconds * 1_000),
        agoraViewers: average(known(({ agoraViewers }) => agoraViewers)),
        hlsViewers: average(known(({ hlsViewers }) => hlsViewers)),
        hlsViewersMost: most.length === 0 ? undefined : Math.max(...most),
        bitrateKbps: average(known(({ bitrateKbps }) => bitrateKbps)),
        relayHealth: (['poor', 'fair', 'good'] as const).find((health) => healths.includes(health)),
        samples: within.length,
        gaps: within.filter(({ afterGap }) => afterGap).length,
      };
    });
}

function expectSame(found: readonly MetricPoint[], expected: readonly MetricPoint[]): void {
  const rounded = (point: MetricPoint) => ({
    ...point,
    agoraViewers: point.agoraViewers?.toFixed(6),
    hlsViewers: point.hlsViewers?.toFixed(6),
    bitrateKbps: point.bitrateKbps?.toFixed(6),
  });
  expect(found.map(rounded)).toEqual(expected.map(rounded));
}

const viewers = fc.option(fc.integer({ min: 0, max: 2_000_000 }), { nil: undefined });
const sample = fc.record({
  second: fc.integer({ min: 0, max: SECONDS - 1 }),
  agoraViewers: viewers,
  hlsViewers: viewers,
  bitrateKbps: viewers,
  relayHealth: fc.option(fc.constantFrom('good', 'fair', 'poor'), { nil: undefined }),
  afterGap: fc.boolean(),
});
/** Samples in any order of arrival, divided into batches, with upkeep at some time after each. */
const history = fc.array(
  fc.record({
    batch: fc.array(sample, { maxLength: 60 }),
    upkeepAt: fc.option(fc.integer({ min: 0, max: SECONDS }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('roll-ups', () => {
  test('match the samples, whatever the order of samples and upkeep', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (told) => {
        const end = new Date(begin + SECONDS * 1_000);
        await withStore(async (store) => {
          const all = new Map<number, Sample>();
          for (const { batch, upkeepAt } of told) {
            const samples = batch.map(({ second, ...values }) =>
              sampleOf({ ...key, ...values, at: new Date(begin + second * 1_000) }),
            );
            for (const one of samples) if (!all.has(one.at.getTime())) all.set(one.at.getTime(), one);
            await store.addSamples(samples);
            if (upkeepAt !== undefined) await store.upkeep(new Date(begin + upkeepAt * 1_000));
          }
          // What arrived after the last upkeep is included by the next one.
          await store.upkeep(new Date(begin + SECONDS * 1_000));
          for (const stepSeconds of [10, 60, 300, 3_600, 7_200]) {
            const found = await store.metrics({ ...key, from: new Date(begin), to: end, stepSeconds });
            expectSame(found, byHand([...all.values()], stepSeconds));
          }
        });
      }),
      { numRuns: 15 },
    );
  }, 180_000);

  test('an unfinished hour is not stored, but is in the chart', async () => {
    await withStore(async (store, url) => {
      const samples = [0, 1_800, 3_600, 4_000, 5_390].map((second) =>
        sampleOf({ ...key, at: new Date(begin + second * 1_000), hlsViewers: second }),
      );
      await store.addSamples(samples);
      await store.upkeep(new Date(begin + 5_395_000));
      expect(await server.query('select timestamp from stream_metrics_1h', { url })).toEqual([
        { timestamp: new Date(begin) },
      ]);
      const query = { ...key, from: new Date(begin), to: new Date(begin + 7_200_000), stepSeconds: 3_600 };
      expectSame(await store.metrics(query), byHand(samples, 3_600));
    });
  });

  test('a sample that arrives two hours late is included', async () => {
    await withStore(async (store, url) => {
      await store.addSamples([sampleOf({ ...key, at: new Date(begin + 10_000), hlsViewers: 10 })]);
      await store.upkeep(new Date(begin + 3 * 3_600_000));
      await store.addSamples([sampleOf({ ...key, at: new Date(begin + 20_000), hlsViewers: 30 })]);
      await store.upkeep(new Date(begin + 3 * 3_600_000 + 60_000));
      for (const table of ['stream_metrics_1m', 'stream_metrics_1h'])
        expect(await server.query(`select hls_viewers, samples from ${table}`, { url })).toEqual([
          { hls_viewers: 20, samples: 2 },
        ]);
    });
  });

  test('two concurrent upkeeps count samples once', async () => {
    await withStore(async (store, url) => {
      const samples = Array.from({ length: 300 }, (_, index) =>
        sampleOf({ ...key, at: new Date(begin + index * 10_000), hlsViewers: index }),
      );
      await store.addSamples(samples);
      await using other = openStore({ url: () => new SecretText(url) });
      const now = new Date(begin + 3_600_000);
      await Promise.all([store.upkeep(now), other.upkeep(now), store.upkeep(now)]);
      await store.upkeep(now);
      const rows = await server.query('select sum(samples)::int as samples from stream_metrics_1m', {
        url,
      });
      expect(rows).toEqual([{ samples: 300 }]);
    });
  });
});
