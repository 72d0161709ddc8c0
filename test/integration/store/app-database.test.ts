import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { connect } from '../../../src/store/connect.ts';
import { migrate, type MigrateResult } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { ChannelProjection, Store } from '../../../src/store/store.ts';
import { migrated } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const onAir: Omit<ChannelProjection, 'channelId'> = {
  namespace: 'shop',
  streamMode: 'hybrid',
  hlsPlaybackUrl: 'https://play.example.com/1.m3u8',
  relayStatus: 'active',
  relayStartedAt: new Date('2026-11-23T11:58:00Z'),
  streamingPlatform: 'ivs-eu',
  streamKeyId: 'key-1',
};
const asColumns = {
  stream_mode: 'hybrid',
  hls_playback_url: 'https://play.example.com/1.m3u8',
  relay_status: 'active',
  relay_started_at: new Date('2026-11-23T11:58:00Z'),
  streaming_platform: 'ivs-eu',
  stream_key_id: 'key-1',
};
const forgotten = Object.fromEntries(Object.keys(asColumns).map((name) => [name, null]));

/** A database with that schema, as an app has it. */
async function appDatabase(schema: string): Promise<string> {
  const url = await server.createDatabase();
  await server.query(schema, { url });
  return url;
}

const storeOn = (url: string): Store => openStore({ url: () => new SecretText(url) });

const idTypes = [
  { type: 'integer', ids: ['1', '2'], strangers: ['01', 'x', '99999999999', '3'] },
  { type: 'bigint', ids: ['9007199254740993', '2'], strangers: ['1e3', '99999999999999999999'] },
  {
    type: 'uuid',
    ids: ['5f0c1c0e-8a5b-4f0e-9d8e-0d9f3f1c2b3a', '00000000-0000-0000-0000-000000000000'],
    strangers: ['5F0C1C0E-8A5B-4F0E-9D8E-0D9F3F1C2B3A', 'no uuid'],
  },
  { type: 'text', ids: ['Show 1!', "O'Reilly"], strangers: ['show 1!', ''] },
  { type: 'varchar(40)', ids: ['a', 'b'], strangers: ['c'.repeat(50)] },
  { type: 'numeric', ids: ['1', '2.50'], strangers: ['2.5'] },
];

describe("an app's own table of channels", () => {
  test.each(idTypes)(
    'with IDs of type $type: its rows are filled in and cleared, none created or deleted',
    async (given) => {
      const { type, ids, strangers } = given;
      const url = await appDatabase(`
      create table channels (
        id ${type} primary key, seller text not null, price numeric(10, 2) not null check (price > 0),
        updated_count integer not null default 0);
      create table orders (channel_id ${type} references channels (id));
      create view open_channels as select id, seller from channels;
      create table history (what text);
      create function note() returns trigger language plpgsql as
        $$ begin insert into history values (tg_op); return new; end $$;
      create trigger note after insert or update or delete on channels for each row execute function note();`);
      for (const id of ids)
        await server.query(
          `insert into channels (id, seller, price) values ('${id.replace("'", "''")}', 'Ada', 9.5)`,
          {
            url,
          },
        );
      await server.query('truncate history', { url });
      const before = await server.query("select relfilenode from pg_class where relname = 'channels'", {
        url,
      });

      const { addedColumns, layout } = await migrated(url);
      expect(layout).toEqual({ schema: 'public', channelsSchema: 'public' });
      expect(addedColumns).toEqual(Object.keys(asColumns));
      expect(
        await server.query("select relfilenode from pg_class where relname = 'channels'", { url }),
      ).toEqual(before);

      await using store = storeOn(url);
      await store.check();
      const rows = [...ids, ...strangers].map((channelId) => ({ ...onAir, channelId }));
      await store.projectChannels(rows, undefined);
      await store.projectChannels(rows, undefined);
      const all = `select *, id::text as id from channels order by channels.id::text collate "C"`;
      expect(await server.query(all, { url })).toEqual(
        ids.toSorted().map((id) => expect.objectContaining({ id, seller: 'Ada', ...asColumns })),
      );
      // Once each: unchanged rows are not written again.
      expect(await server.query('select what from history', { url })).toEqual(
        ids.map(() => ({ what: 'UPDATE' })),
      );

      await store.projectChannels(rows.slice(1), ['elsewhere']);
      expect(await server.query(all, { url })).toEqual(ids.map(() => expect.objectContaining(asColumns)));
      await store.projectChannels(rows.slice(1), ['shop']);
      const [first = '', second = ''] = ids;
      const found = new Map((await server.query(all, { url })).map((row) => [row['id'], row]));
      expect(found.get(first)).toMatchObject({ ...forgotten, seller: 'Ada' });
      expect(found.get(second)).toMatchObject(asColumns);
      await store.projectChannels([], undefined);
      expect(await server.query(all, { url })).toEqual(ids.map(() => expect.objectContaining(forgotten)));
      expect(await server.query('select seller from open_channels', { url })).toHaveLength(2);
    },
  );

  test('a row that the app creates after its resource is filled in next time', async () => {
    const url = await appDatabase('create table channels (id integer primary key)');
    await migrated(url);
    await using store = storeOn(url);
    const rows = [{ ...onAir, channelId: '7' }];
    await store.projectChannels(rows, undefined);
    await server.query('insert into channels (id) values (7)', { url });
    await store.projectChannels(rows, undefined);
    expect(await server.query('select * from channels', { url })).toEqual([{ id: 7, ...asColumns }]);
  });

  test('two namespaces with one ID: the row stays filled in until both are deleted', async () => {
    const url = await appDatabase(
      'create table channels (id integer primary key); insert into channels values (7)',
    );
    await migrated(url);
    await using store = storeOn(url);
    const [one, other] = ['a', 'b'].map((namespace) => ({ ...onAir, namespace, channelId: '7' }));
    if (one === undefined || other === undefined) throw new Error('the test has two namespaces');
    await store.projectChannels([one, { ...other, streamMode: 'auto' }], undefined);
    expect(await server.query('select stream_mode from channels', { url })).toEqual([
      { stream_mode: 'hybrid' },
    ]);
    await store.projectChannels([], ['a']);
    expect(await server.query('select stream_mode from channels', { url })).toEqual([
      { stream_mode: 'hybrid' },
    ]);
    await store.projectChannels([], ['b']);
    expect(await server.query('select stream_mode from channels', { url })).toEqual([{ stream_mode: null }]);
  });

  test('existing columns are used, each with its own type', async () => {
    const url = await appDatabase(`
      create type mode as enum ('agora-only', 'hybrid', 'hls-only', 'auto', 'old');
      create table channels (
        id serial primary key, stream_mode mode not null default 'agora-only',
        hls_playback_url varchar(20), relay_started_at timestamp, relay_status varchar(20) not null);
      insert into channels (relay_status) values ('none')`);
    const { addedColumns } = await migrated(url);
    expect(addedColumns).toEqual(['streaming_platform', 'stream_key_id']);
    await using store = storeOn(url);
    await store.projectChannels([{ ...onAir, channelId: '1' }], undefined);
    const read = 'select *, relay_started_at::text as relay_started_at from channels';
    expect(await server.query(read, { url })).toEqual([
      // A URL that is too long for the column is omitted: half of one is useless.
      { id: 1, ...asColumns, hls_playback_url: null, relay_started_at: '2026-11-23 11:58:00' },
    ]);
    await store.projectChannels([{ ...onAir, channelId: '1', relayStatus: undefined }], undefined);
    expect(await server.query(read, { url })).toEqual([expect.objectContaining({ relay_status: 'active' })]);
    await store.projectChannels([], undefined);
    expect(await server.query(read, { url })).toEqual([
      { id: 1, ...forgotten, stream_mode: 'agora-only', relay_status: 'active' },
    ]);
  });

  test.each([
    [
      'relay_started_at text',
      /channels\.relay_started_at is of type text, and must be timestamp with time zone/,
    ],
    ['stream_key_id integer', /channels\.stream_key_id is of type integer, and must be text/],
    ['relay_status varchar(4)', /channels\.relay_status holds 4 characters, and must hold 8/],
    ["stream_mode text generated always as ('x') stored", /channels\.stream_mode is computed/],
    [
      'stream_mode mode',
      /channels\.stream_mode is of the enum type mode, which lacks auto, hls-only|lacks hls-only, auto/,
    ],
  ])('an unusable column "%s" is reported by name, and nothing is changed', async (column, message) => {
    const url = await appDatabase(
      `create type mode as enum ('agora-only', 'hybrid'); create table channels (id integer primary key, ${column})`,
    );
    await expect(migrated(url)).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringMatching(message),
    });
    expect(await tablesOf(url)).toEqual(['public.channels']);
    const columns = await server.query(
      "select 1 from information_schema.columns where table_name = 'channels'",
      { url },
    );
    expect(columns).toHaveLength(2);
  });

  test.each([
    ['create view channels as select 1 as id', /channels is a view/],
    ['create table channels (number integer)', /has no column "id"/],
  ])(
    'a relation that is not a table with IDs is rejected: %s; with a separate schema it is left alone',
    async (sql, message) => {
      const url = await appDatabase(sql);
      await expect(migrated(url)).rejects.toMatchObject({
        reason: 'Invalid',
        message: expect.stringMatching(message),
      });
      const { layout } = await migrated(url, true);
      expect(layout).toEqual({ schema: 'livechannel', channelsSchema: null });
      await using store = storeOn(url);
      await store.projectChannels([{ ...onAir, channelId: '1' }], undefined);
      expect(await server.query('select id, stream_mode from livechannel.channels', { url })).toEqual([
        { id: '1', stream_mode: 'hybrid' },
      ]);
    },
  );

  test('a lock on it is awaited in short attempts, and other sessions do not wait long behind them', async () => {
    const url = await appDatabase('create table channels (id integer primary key)');
    const db = connect({
      url: () => new SecretText(url),
      poolSize: 1,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 60_000,
    });
    const app = connect({
      url: () => new SecretText(url),
      poolSize: 1,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 60_000,
    });
    try {
      const retried = Promise.withResolvers<string>();
      let migrating: Promise<MigrateResult> | undefined;
      await app.transaction().execute(async (transaction) => {
        await transaction.selectFrom('channels').select('id').execute();
        migrating = migrate(db, { ownSchema: false, onRetry: retried.resolve });
        expect(await retried.promise).toMatch(/in use/);
      });
      expect((await migrating)?.addedColumns).toHaveLength(6);
    } finally {
      await Promise.all([db.destroy(), app.destroy()]);
    }
  });
});

async function tablesOf(url: string): Promise<string[]> {
  const rows = await server.query(
    `select schemaname || '.' || tablename as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    { url },
  );
  return rows.map(({ name }) => String(name));
}

describe("an app's own stream_metrics", () => {
  const theirs = `create table stream_metrics (id serial primary key, channel_id integer, timestamp timestamptz,
      agora_viewers integer, hls_viewers integer, bitrate_kbps integer, relay_health text, created_at timestamptz);
    insert into stream_metrics (channel_id) values (1);
    create table channels (id integer primary key); insert into channels values (1)`;

  test("is never touched: ours is in the schema livechannel, and the app's channels are filled in all the same", async () => {
    const url = await appDatabase(theirs);
    const { layout } = await migrated(url);
    expect(layout).toEqual({ schema: 'livechannel', channelsSchema: 'public' });
    await migrated(url);
    await using store = storeOn(url);
    await store.check();
    const at = new Date('2026-11-23T12:00:00Z');
    await store.addSamples([sampleOf({ channelId: '1', at })]);
    await store.upkeep(at);
    await store.projectChannels([{ ...onAir, channelId: '1' }], undefined);
    expect(await server.query('select count(*)::int as rows from public.stream_metrics', { url })).toEqual([
      { rows: 1 },
    ]);
    expect(await server.query('select channel_id from livechannel.stream_metrics', { url })).toEqual([
      { channel_id: '1' },
    ]);
    expect(await server.query('select * from channels', { url })).toEqual([{ id: 1, ...asColumns }]);
    const names = await tablesOf(url);
    expect(names.filter((name) => name.startsWith('public.'))).toEqual([
      'public.channels',
      'public.stream_metrics',
    ]);
  });
});
