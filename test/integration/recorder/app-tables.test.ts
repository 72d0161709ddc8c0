import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Generated, Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { SecretText } from '../../../src/base/secret-text.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { migrated } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { appDatabase, SPECIFIED_COLUMNS, SPECIFIED_METRICS } from '../../fixtures/app-schema.ts';

/** The tables as an app types them for its query builder. */
interface Shop {
  channels: {
    id: Generated<number>;
    title: string | null;
    stream_mode: 'agora-only' | 'hybrid' | 'hls-only' | null;
    hls_playback_url: string | null;
    relay_status: 'starting' | 'active' | 'stopped' | 'error' | null;
    relay_started_at: Date | null;
    streaming_platform: string | null;
    stream_key_id: string | null;
  };
  stream_metrics: {
    id: Generated<number>;
    channel_id: number | null;
    timestamp: Date | null;
    agora_viewers: number | null;
    hls_viewers: number | null;
    bitrate_kbps: number | null;
    relay_health: 'good' | 'fair' | 'poor' | null;
    created_at: Date | null;
  };
}

let server: TestPostgres;
let url: string;
let stage: OperatorStage;
let store: Store;
let app: Kysely<Shop>;
let namespace: string;
/** What an operator without LIVECHANNEL_APP_NAMESPACE ended with. */
let refusal: unknown;
const ref = (name: string): Ref => ({ namespace, name });

beforeAll(async () => {
  server = await TestPostgres.start();
  url = await appDatabase(server, 'id SERIAL PRIMARY KEY, title TEXT', SPECIFIED_COLUMNS, SPECIFIED_METRICS);
  await server.query("insert into channels (title) values ('Shoes'), ('Bags')", { url });
  await migrated(url);
  store = openStore({ url: () => new SecretText(url) });
  app = new Kysely<Shop>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: url, max: 1 }) }),
  });
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  stage.startOperator({ DATABASE_URL: url });
  refusal = await stage.stopOperator().catch((error: unknown) => error);
  stage.startOperator({
    DATABASE_URL: url,
    LIVECHANNEL_SAMPLE_SECONDS: '1',
    LIVECHANNEL_APP_NAMESPACE: namespace,
  });
}, 120_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await app.destroy();
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
}, 60_000);

test('the operator does not start before the namespace of the app is named, and says what to set', () => {
  expect(refusal).toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(/public\.channels knows no namespaces.*LIVECHANNEL_APP_NAMESPACE/s),
  });
});

test('an app reads the state and the metrics of its channels from the tables that its own migration created', async () => {
  const channel = await stage.apply(ref('1'), { streamMode: 'hybrid' });
  // Not a channel of the app.
  await stage.apply(ref('rehearsal'));
  await stage.onAir(ref('1'));
  await stage.onAir(ref('rehearsal'));
  for (const stream of stage.origin.streams.values()) Object.assign(stream, { live: true, viewers: 12 });
  await store.reportAudience({ namespace, channelId: '1' }, 3, new Date());

  const shown = await eventually('a minute with viewers', 200, async () => {
    const rows = await app
      .selectFrom('channels as c')
      .innerJoin('stream_metrics as m', 'm.channel_id', 'c.id')
      .select(['c.id', 'c.title', 'c.relay_status', 'c.stream_mode', 'c.hls_playback_url'])
      .select([
        'm.id as metric',
        'm.timestamp',
        'm.hls_viewers',
        'm.agora_viewers',
        'm.bitrate_kbps',
        'm.relay_health',
      ])
      .orderBy('m.timestamp')
      .execute();
    return rows.find(({ hls_viewers: viewers }) => (viewers ?? 0) > 0);
  });
  const { status } = await stage.onAir(ref('1'));
  expect(shown).toMatchObject({
    id: 1,
    title: 'Shoes',
    relay_status: 'active',
    stream_mode: 'hybrid',
    hls_playback_url: status?.hlsPlaybackUrl,
    metric: expect.any(Number),
    timestamp: expect.any(Date),
    relay_health: 'good',
  });
  expect(await app.selectFrom('stream_metrics').select('channel_id').distinct().execute()).toEqual([
    { channel_id: 1 },
  ]);
  const minutes = await app
    .selectFrom('stream_metrics')
    .select([sql<string>`"timestamp"::text`.as('minute'), ({ fn }) => fn.countAll<string>().as('rows')])
    .groupBy('timestamp')
    .execute();
  expect(minutes.every(({ minute, rows }) => minute.endsWith(':00') && rows === '1')).toBe(true);

  await stage.kubectl(['delete', 'livechannel', '1', '-n', namespace]);
  await stage.gone(ref('1'), channel.metadata.uid);
  const ended = await eventually('the channel is stopped', 20, async () => {
    const row = await app.selectFrom('channels').selectAll().where('id', '=', 1).executeTakeFirst();
    return row?.relay_status === 'stopped' ? row : undefined;
  });
  expect(ended).toEqual({
    id: 1,
    title: 'Shoes',
    stream_mode: 'hybrid',
    hls_playback_url: null,
    relay_status: 'stopped',
    relay_started_at: null,
    streaming_platform: null,
    stream_key_id: null,
  });
}, 300_000);

test('a stream_metrics of another shape and a row that is refused are logged and counted, and samples are recorded', async () => {
  await server.query(
    `alter table stream_metrics rename column relay_health to health;
     alter table channels add check (id <> 2 or relay_status is null)`,
    { url },
  );
  await stage.apply(ref('2'));
  await stage.onAir(ref('2'));
  await eventually('the log names both', 120, async () =>
    stage.log.includes('column relay_health is missing') && stage.log.includes('violates check constraint')
      ? true
      : undefined,
  );
  const newest = await store.latestSamples(namespace, new Date(Date.now() - 10_000));
  expect(newest.map(({ channelId }) => channelId)).toContain('2');
}, 200_000);
