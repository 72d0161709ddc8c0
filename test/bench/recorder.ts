/** make bench-recorder: see `summary` below. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { Registry } from 'prom-client';
import { SecretText } from '../../src/base/secret-text.ts';
import { recorderSettingsSchema } from '../../src/recorder/settings.ts';
import { runRecorder } from '../../src/recorder/recorder.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { connect } from '../../src/store/connect.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/postgres-store.ts';
import { TestPostgres } from '../fixtures/postgres.ts';
import { recordedChannels } from '../fixtures/recorded-channels.ts';
import { openBench } from './lib/bench.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { numberSetting } from './lib/settings.ts';

const bench = openBench({
  name: 'recorder',
  summary:
    'The recorder with thousands of in-memory channels and a real PostgreSQL: CPU, memory, rows per second, dropped ' +
    "samples, the operator's event loop delay, and the time to catch up after an outage of the database; " +
    'for comparison, the same samples written one by one.',
  needs: () => ['postgres'],
  settings: {
    CHANNELS: numberSetting(5_000, 'channels, sampled every 10 s'),
    SECONDS: numberSetting(60, 'seconds of the measurement'),
    AWAY: numberSetting(20, 'seconds without the database'),
  },
  limitMinutes: ({ SECONDS, AWAY }) => 10 + (2 * (SECONDS + AWAY)) / 60,
});
const { CHANNELS: channels, SECONDS: seconds, AWAY: away } = bench.settings;
const sampleSeconds = 10;

let database: TestPostgres;
await bench.run(async () => {
  bench.report('starting PostgreSQL');
  await using server = await TestPostgres.start();
  database = server;
  const url = (): SecretText => new SecretText(database.url);
  {
    await using db = connect({ url, poolSize: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 30_000 });
    await migrate(db, { ownSchema: false });
  }
  const results = { channels, sampleSeconds, ...(await recorded(url)), oneByOne: await oneByOne() };
  print(results);
  await bench.write(results);
});

async function recorded(url: () => SecretText) {
  const fixture = recordedChannels(channels);
  const registry = new Registry();
  const stop = new AbortController();
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  await using store = openStore({ url });
  const run = runRecorder(
    {
      ...fixture,
      settings: recorderSettingsSchema.parse({ LIVECHANNEL_SAMPLE_SECONDS: String(sampleSeconds) }),
      store,
      clock: systemClock,
      logger: silentLogger,
      random: Math.random,
      registry,
      usageOf: () => Promise.resolve(undefined),
    },
    stop.signal,
  );
  bench.report(`warming up with ${String(channels)} channels: ${String(2 * sampleSeconds)} s`);
  await delay(2 * sampleSeconds * 1_000); // the first round, the whole projection, compiled code
  bench.report(`measuring: ${String(seconds)} s`);
  const steady = await measure(seconds);
  bench.report(`without the database: ${String(away)} s`);
  await database.stop();
  const without = await measure(away);
  const backAt = performance.now();
  bench.report('the database is back');
  await database.start();
  while ((await figure(registry, 'livechannel_recorder_buffer_samples')) > channels / sampleSeconds)
    await delay(100);
  const caughtUpSeconds = (performance.now() - backAt) / 1_000;
  await delay(sampleSeconds * 1_000);
  globalThis.gc?.();
  const heapMiB = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
  const dropped = await figure(registry, 'livechannel_recorder_dropped_samples_total');
  stop.abort();
  await run;
  const gaps = await count('select count(*) from stream_metrics where after_gap');
  return {
    steady: { ...steady, rowsWanted: channels / sampleSeconds },
    without: { seconds: away, cpuPercent: without.cpuPercent, loopP99Ms: without.loopP99Ms, caughtUpSeconds },
    heapMiB,
    rssMiB: process.memoryUsage().rss / 2 ** 20,
    dropped,
    /** One per channel: its first sample. */
    gaps,
    costRows: await count('select count(*) from livechannel_costs'),
    annotations: fixture.written(),
    projectedRows: await count('select count(*) from channels'),
  };
}

/** Of this process; the channels' fixtures cost next to nothing. */
async function measure(forSeconds: number) {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const rowsBefore = await count('select count(*) from stream_metrics').catch(() => 0);
  const began = performance.now();
  const cpu = process.cpuUsage();
  loop.enable();
  await delay(forSeconds * 1_000);
  loop.disable();
  const { user, system } = process.cpuUsage(cpu);
  const took = (performance.now() - began) / 1_000;
  const rows = (await count('select count(*) from stream_metrics').catch(() => rowsBefore)) - rowsBefore;
  return {
    cpuPercent: (user + system) / 1e4 / took,
    rowsPerSecond: rows / took,
    loopP99Ms: loop.percentile(99) / 1e6,
    loopMaxMs: loop.max / 1e6,
  };
}

/** The baseline: one statement per sample, on one connection. */
async function oneByOne(): Promise<{ rowsPerSecond: number; cpuPercent: number }> {
  bench.report('one by one: 10 s');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const began = performance.now();
  const cpu = process.cpuUsage();
  let rows = 0;
  while (performance.now() - began < 10_000) {
    rows += 1;
    await client.query(
      'insert into stream_metrics (namespace, channel_id, "timestamp", hls_viewers, bitrate_kbps, relay_health, relay_status, platform) values ($1, $2, $3, $4, $5, $6, $7, $8)',
      ['rival', `show-${String(rows % channels)}`, new Date(), rows % 100, 2_500, 'good', 'active', 'origin'],
    );
  }
  const took = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await client.end();
  return { rowsPerSecond: rows / took, cpuPercent: (user + system) / 1e4 / took };
}

async function count(sql: string): Promise<number> {
  const [row] = await database.query(sql);
  return Number(row?.['count']);
}

async function figure(registry: Registry, name: string): Promise<number> {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
  return values.reduce((sum, { value }) => sum + value, 0);
}

function print({
  steady,
  without,
  heapMiB,
  dropped,
  gaps,
  oneByOne: rival,
  ...rest
}: Awaited<ReturnType<typeof recorded>> & {
  oneByOne: Awaited<ReturnType<typeof oneByOne>>;
  channels: number;
}): void {
  const one = (value: number): string => value.toFixed(1);
  console.log(
    markdownTable(
      ['figure', 'recorder', 'one by one, as fast as possible'],
      [
        [
          'rows per second',
          `${one(steady.rowsPerSecond)} of ${one(steady.rowsWanted)}`,
          one(rival.rowsPerSecond),
        ],
        ['CPU, % of a core', one(steady.cpuPercent), one(rival.cpuPercent)],
        [
          'CPU, µs per row',
          one((steady.cpuPercent * 1e4) / steady.rowsPerSecond),
          one((rival.cpuPercent * 1e4) / rival.rowsPerSecond),
        ],
        ['event loop delay, p99 and max, ms', `${one(steady.loopP99Ms)}, ${one(steady.loopMaxMs)}`, ''],
        ['heap, MiB', one(heapMiB), ''],
        ['samples dropped', String(dropped), ''],
        ['gaps, not counting one per channel', String(gaps - rest.channels), ''],
        [
          `time to catch up after ${one(without.seconds)} s without the database, s`,
          one(without.caughtUpSeconds),
          '',
        ],
        [
          'cost rows, projected rows, annotations written',
          `${rest.costRows}, ${rest.projectedRows}, ${rest.annotations}`,
          '',
        ],
      ],
    ),
  );
}
