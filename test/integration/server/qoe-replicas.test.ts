import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { QoeView } from '../../../src/server/contract/qoe.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { aQoeReport } from '../../support/server/qoe-reports.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { as, refused, ServicesUnderTest } from './services-stage.ts';

let stage: OperatorStage;
let postgres: TestPostgres;
let store: Store;
let namespace: string;
const replicas: ServicesUnderTest[] = [];
const operate = as('operate', AbortSignal.timeout(600_000));
const playback = as('playback', AbortSignal.timeout(600_000));

beforeAll(async () => {
  [stage, postgres] = await Promise.all([OperatorStage.build(), TestPostgres.start()]);
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  const url = await migratedDatabase(postgres);
  store = openStore({ url, connectTimeoutMs: 1_000, statementTimeoutMs: 2_000 });
}, 180_000);
afterAll(async () => {
  for (const replica of replicas) await replica[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

async function startReplica(): Promise<ServicesUnderTest> {
  const replica = await ServicesUnderTest.start(stage, namespace, { store });
  replicas.push(replica);
  return replica;
}
async function stop(replica: ServicesUnderTest): Promise<void> {
  replicas.splice(replicas.indexOf(replica), 1);
  await replica[Symbol.asyncDispose]();
}
const look = ({ services }: ServicesUnderTest, query: object = {}): Promise<QoeView> =>
  services.qoe(operate, 'show', { step: 60, ...query });

/** A report about a minute: its player is counted for another one. */
const minute = { dur: 60 };

test('all replicas give the same figures, also of what a replica received that has ended', async () => {
  const [one, two] = [await startReplica(), await startReplica()];
  await one.services.createChannel(operate, { id: 'show', onAir: false }, undefined);
  await eventually('both know the channel', 20, async () => {
    await look(two);
    return true;
  });
  for (const player of [1, 2, 3])
    expect(
      await one.services.reportQoe(playback, 'show', aQoeReport(player, { ...minute, ttff: 0.9 })),
    ).toEqual({ sampleRate: 1 });
  for (const player of [4, 5])
    await two.services.reportQoe(
      playback,
      'show',
      aQoeReport(player, { ...minute, playing: 20, stalled: 10, stalls: 2 }),
    );

  // Players are exchanged every 10 s.
  const both = await eventually('the players of both', 30, async () => {
    const seen = await Promise.all([look(one), look(two)]);
    return seen.every(({ connected }) => connected === 5) ? seen : undefined;
  });
  expect(both.map(({ watching }) => watching)).toEqual([5, 5]);
  for (const { counts } of both) expect(counts).toMatchObject({ estimated: false, sampleRate: 1 });

  await stop(one);
  const three = await startReplica();
  const figures = { sessions: 5, playingSeconds: 130, fatal: 0, stalledRatio: 20 / 150 };
  await eventually('what both received', 20, async () => {
    expect(await look(two)).toMatchObject(figures);
    return true;
  });
  await stop(two);
  expect(await look(three)).toMatchObject(figures);
  expect(await look(three)).toMatchObject({
    browsers: [{ browser: 'chrome', sessions: 5 }],
    platforms: [{ platform: null, sessions: 5 }],
  });

  const now = Date.now();
  const day = {
    from: new Date(now - 86_400_000).toISOString(),
    to: new Date(now + 1_000).toISOString(),
    step: 3_600,
  };
  const chart = await look(three, day);
  expect(chart).toMatchObject(figures);
  expect(chart.minutes.length).toBeLessThanOrEqual(2);
  expect(await look(three, { to: day.from })).toMatchObject({ sessions: 0, minutes: [] });
  expect(await refused(look(three, { from: day.to, to: day.from }))).toMatchObject({
    code: 'invalid-request',
  });
}, 120_000);

test('while the database is away, reports are taken, and are there afterwards', async () => {
  const [replica] = replicas;
  if (replica === undefined) throw new Error('no replica runs');
  const before = (await look(replica)).sessions;
  await postgres.stop();
  expect(await refused(look(replica))).toMatchObject({ code: 'store-unavailable' });
  await replica.services.reportQoe(playback, 'show', aQoeReport(6));
  await postgres.start();
  await eventually('the report', 30, async () => {
    expect((await look(replica)).sessions).toBe(before + 1);
    return true;
  });
  await stop(replica);
  const next = await startReplica();
  expect((await look(next)).sessions).toBe(before + 1);
}, 120_000);
