import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { gapsAndResolutions } from '../../../src/store/migrations/0002-gaps-and-resolutions.ts';
import { expiryIndices } from '../../../src/store/migrations/0003-expiry-indices.ts';
import { tables } from '../../../src/store/migrations/0001-tables.ts';
import { migrationNames } from '../../../src/store/migrations.ts';
import { connect } from '../../../src/store/connect.ts';
import {
  migrate as migrateDatabase,
  type MigrateOptions,
  type MigrateResult,
} from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import { migrated } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { appDatabase, SPECIFIED_METRICS } from '../../fixtures/app-schema.ts';
import { sampleOf } from './sample-of.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const noon = new Date('2026-11-23T12:00:00Z');
const range = {
  namespace: 'shop',
  channelId: '1',
  from: noon,
  to: new Date('2026-11-23T13:00:00Z'),
  stepSeconds: 60,
};

const channel = {
  namespace: 'shop',
  channelId: '1',
  streamMode: 'hybrid',
  effectiveStreamMode: 'hybrid',
  hlsPlaybackUrl: undefined,
  relayStatus: 'active',
  relayStartedAt: noon,
  streamingPlatform: 'ivs-eu',
  streamKeyId: 'key-1',
};

async function migrate(url: string, options: Partial<MigrateOptions>): Promise<MigrateResult> {
  await using db = connect({
    url: () => new SecretText(url),
    poolSize: 1,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 60_000,
  });
  return await migrateDatabase(db, { ownSchema: false, ...options });
}

/** A database as version 0003 of the schema has it, with rows: the tables of livechannel beside those of the app. */
async function previousDatabase(): Promise<string> {
  const url = await appDatabase(server, 'id integer primary key');
  await server.query('insert into channels (id) values (1), (2)', { url });
  await server.query(
    `alter table channels add stream_mode text, add hls_playback_url text, add relay_status text,
       add relay_started_at timestamptz, add streaming_platform text, add stream_key_id text;
     ${tables(false)} ${gapsAndResolutions} ${expiryIndices}
     insert into livechannel_layout (channels_schema) values ('public');
     create table livechannel_migrations (name varchar(255) primary key, timestamp varchar(255) not null);
     create table livechannel_migrations_lock (id varchar(255) primary key, is_locked integer not null default 0);
     insert into livechannel_migrations values ('0001-tables', '2026-11-22T00:00:00Z'), ('0002-gaps-and-resolutions', '2026-11-22T00:00:00Z'),
       ('0003-expiry-indices', '2026-11-22T00:00:00Z');
     create table stream_metrics_p20261123 (like stream_metrics including all);
     alter table stream_metrics attach partition stream_metrics_p20261123
       for values from ('2026-11-23T00:00:00Z') to ('2026-11-24T00:00:00Z');
     insert into stream_metrics (namespace, channel_id, "timestamp", hls_viewers)
       select 'shop', '1', '2026-11-23T12:00:00Z'::timestamptz + make_interval(secs => 10 * n), n
       from generate_series(0, 99) n;
     insert into livechannel_claims values ('shop', '1');
     insert into livechannel_alerts (namespace, channel_id, raised_at, kind, severity, message, occasion)
       values ('shop', '1', 'epoch', 'k', 'info', 'm', 'one')`,
    { url },
  );
  return url;
}

test('the schema of the previous version with rows in it becomes that of this one, and loses nothing', async () => {
  const url = await previousDatabase();
  await server.query('create role reader; grant select on stream_metrics to reader', {
    url: server.adminUrl.replace('/app?', `${new URL(url).pathname}?`),
  });
  const files = () =>
    server.query(
      "select relname, relfilenode from pg_class where relname in ('channels', 'stream_metrics_p20261123', 'livechannel_alerts') order by 1",
      { url },
    );
  const before = await files();
  const result = await migrated(url);
  expect(result).toMatchObject({
    done: migrationNames.slice(3),
    layout: { schema: 'livechannel', channelsSchema: 'public' },
    relocatedFrom: 'public',
    addedColumns: [],
    createdMetrics: true,
  });
  // No table was rewritten.
  expect(await files()).toEqual(before);
  expect(await migrated(url)).toMatchObject({ done: [], relocatedFrom: undefined });
  const left = await server.query("select tablename from pg_tables where schemaname = 'public' order by 1", {
    url,
  });
  expect(left.map(({ tablename }) => tablename)).toEqual(['channels', 'stream_metrics']);
  expect(
    await server.query("select has_schema_privilege('reader', 'livechannel', 'usage') as may", { url }),
  ).toEqual([{ may: true }]);

  await using store = openStore({ url: () => new SecretText(url), appNamespace: 'shop' });
  await store.check();
  const points = await store.metrics(range);
  expect(points.reduce((sum, { samples }) => sum + samples, 0)).toBe(100);
  await store.addSamples([sampleOf({ channelId: '1', at: new Date(noon.getTime() + 1_020_000) })]);
  await store.upkeep(new Date('2026-11-23T14:00:00Z'));
  expect((await store.metrics(range)).reduce((sum, { samples }) => sum + samples, 0)).toBe(101);
  expect(await store.undeliveredAlerts(10)).toHaveLength(1);
  await store.projectChannels([], undefined);
  expect(await server.query('select id, relay_status from channels order by id', { url })).toEqual([
    { id: 1, relay_status: 'stopped' },
    { id: 2, relay_status: null },
  ]);
  await store.fillMetrics({ until: new Date(noon.getTime() + 1_080_000), rows: 'minute' });
  expect(
    await server.query(
      'select c.id, m.hls_viewers from channels c join stream_metrics m on m.channel_id = c.id',
      {
        url,
      },
    ),
  ).toEqual([{ id: 1, hls_viewers: 40 }]);
});

test('a process that was running finds the tables after one error, and loses no sample', async () => {
  const url = await previousDatabase();
  await using running = openStore({ url: () => new SecretText(url), appNamespace: 'shop' });
  await running.addSamples([sampleOf({ channelId: '1', at: new Date(noon.getTime() + 1_020_000) })]);
  await migrated(url);
  const late = sampleOf({ channelId: '1', at: new Date(noon.getTime() + 1_030_000) });
  await expect(running.addSamples([late])).rejects.toMatchObject({ reason: 'Unavailable' });
  await running.addSamples([late]);
  expect(await running.latestSamples('shop', noon)).toEqual([late]);
  expect(await server.query('select from public.stream_metrics', { url })).toEqual([]);
});

test('a role that may not create a schema keeps its tables where they are, and migrate says what to do', async () => {
  const url = await previousDatabase();
  const admin = server.adminUrl.replace('/app?', `${new URL(url).pathname}?`);
  const name = new URL(url).pathname.slice(1);
  await server.query(`alter database ${name} owner to postgres; alter schema public owner to app`, {
    url: admin,
  });
  expect(await migrated(url)).toMatchObject({
    done: migrationNames.slice(3),
    layout: { schema: 'public', channelsSchema: 'public' },
    createdMetrics: false,
    appMetrics: { kind: 'occupied', schema: 'public' },
  });
  await using store = openStore({ url: () => new SecretText(url), appNamespace: 'shop' });
  await store.check();
  expect(await store.metrics(range)).not.toEqual([]);
  expect(await store.fillMetrics({ until: noon, rows: 'minute' })).toMatchObject({
    table: 'occupied',
    problem: expect.stringMatching(/create schema livechannel authorization/),
  });

  await server.query('create schema livechannel authorization app', { url: admin });
  expect(await migrated(url)).toMatchObject({
    layout: { schema: 'livechannel' },
    relocatedFrom: 'public',
    appMetrics: { kind: 'usable' },
  });
  await expect(store.metrics(range)).rejects.toMatchObject({ reason: 'Unavailable' });
  expect(await store.metrics(range)).not.toEqual([]);
});

test('an app that comes later gets its names, and its tables are used from then on', async () => {
  const url = await server.createDatabase();
  await migrated(url);
  await using store = openStore({ url: () => new SecretText(url), appNamespace: 'shop' });
  await store.addSamples([sampleOf({ channelId: '1', at: noon })]);
  await expect(migrate(url, { appTables: true })).rejects.toThrow(
    /no table "channels" of the app.*--own-schema/,
  );

  expect(await migrate(url, { ownSchema: true })).toMatchObject({
    layout: { schema: 'livechannel', channelsSchema: null },
    relocatedFrom: 'public',
  });
  await server.query(
    `create table channels (id serial primary key, title text); ${SPECIFIED_METRICS} insert into channels default values`,
    { url },
  );
  expect(await migrate(url, {})).toMatchObject({ layout: { channelsSchema: null }, addedColumns: [] });
  const adopted = {
    layout: { schema: 'livechannel', channelsSchema: 'public' },
    appMetrics: { kind: 'usable' },
  };
  expect(await migrate(url, { appTables: true })).toMatchObject({ ...adopted, createdMetrics: false });
  expect(await migrate(url, { appTables: true })).toMatchObject({ ...adopted, addedColumns: [] });

  await expect(store.metrics(range)).rejects.toMatchObject({ reason: 'Unavailable' });
  expect(await store.metrics(range)).toHaveLength(1);
  await store.projectChannels([channel], undefined);
  await store.fillMetrics({ until: range.to, rows: 'minute' });
  await store.addSamples([sampleOf({ channelId: '1', at: range.to })]);
  await store.fillMetrics({ until: new Date(range.to.getTime() + 60_000), rows: 'minute' });
  expect(
    await server.query(
      'select c.relay_status, m.id from channels c join stream_metrics m on m.channel_id = c.id',
      { url },
    ),
  ).toEqual([{ relay_status: 'active', id: 1 }]);
});
