import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { requireAppNamespace } from '../../../src/store/app-namespace.ts';
import { connect } from '../../../src/store/connect.ts';
import { migrate, type MigrateResult } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { ChannelProjection, Store } from '../../../src/store/store.ts';
import { migrated } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const onAir: Omit<ChannelProjection, 'channelId'> = {
  namespace: 'shop',
  streamMode: 'hls-only',
  effectiveStreamMode: 'hls-only',
  hlsPlaybackUrl: 'https://play.example.com/1.m3u8',
  relayStatus: 'active',
  relayStartedAt: new Date('2026-11-23T11:58:00Z'),
  streamingPlatform: 'ivs-eu',
  streamKeyId: 'key-1',
};
const asColumns = {
  stream_mode: 'hls-only',
  hls_playback_url: 'https://play.example.com/1.m3u8',
  relay_status: 'active',
  relay_started_at: new Date('2026-11-23T11:58:00Z'),
  streaming_platform: 'ivs-eu',
  stream_key_id: 'key-1',
};
/** What the columns of an ended channel hold where `livechannel migrate` added them. */
const ended = {
  ...Object.fromEntries(Object.keys(asColumns).map((name) => [name, null])),
  stream_mode: 'hybrid',
  relay_status: 'stopped',
};

/** A database with that schema, as an app has it. */
async function appDatabase(schema: string): Promise<string> {
  const url = await server.createDatabase();
  await server.query(schema, { url });
  return url;
}

const storeOn = (url: string): Store => openStore({ url: () => new SecretText(url), appNamespace: 'shop' });

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
      expect(layout).toEqual({ schema: 'livechannel', channelsSchema: 'public' });
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
      expect(found.get(first)).toMatchObject({ ...ended, seller: 'Ada' });
      expect(found.get(second)).toMatchObject(asColumns);
      await store.projectChannels([], undefined);
      expect(await server.query(all, { url })).toEqual(ids.map(() => expect.objectContaining(ended)));
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

  test('has channels of one namespace alone, which others cannot write to with the same ID', async () => {
    const url = await appDatabase(
      'create table channels (id integer primary key); insert into channels values (7)',
    );
    await migrated(url);
    await using store = storeOn(url);
    const own = { ...onAir, channelId: '7' };
    const forged = {
      ...own,
      namespace: 'attacker',
      hlsPlaybackUrl: 'https://attacker.example/phishing.m3u8',
    };
    const shown = () => server.query('select hls_playback_url as url, relay_status from channels', { url });
    const its = [{ url: onAir.hlsPlaybackUrl, relay_status: 'active' }];
    const cleared = [{ url: null, relay_status: 'stopped' }];
    const untouched = await shown();
    await store.projectChannels([forged], undefined);
    expect(await shown()).toEqual(untouched);
    await store.projectChannels([own, forged], undefined);
    expect(await shown()).toEqual(its);
    await store.projectChannels([forged], []);
    await store.projectChannels([{ ...forged, relayStatus: 'error' }], ['attacker']);
    expect(await shown()).toEqual(its);
    await store.projectChannels([], ['attacker']);
    expect(await shown()).toEqual(its);
    await store.projectChannels([], ['shop']);
    expect(await shown()).toEqual(cleared);
    await store.projectChannels([own], []);
    await store.projectChannels([], undefined, [own]);
    expect(await shown()).toEqual(its);
    await store.projectChannels([forged], undefined);
    expect(await shown()).toEqual(cleared);
  });

  test('forgets what another namespace had written into it before one was named', async () => {
    const url = await appDatabase(
      'create table channels (id integer primary key); insert into channels values (7)',
    );
    await migrated(url);
    await using before = openStore({ url: () => new SecretText(url), appNamespace: 'attacker' });
    await before.projectChannels([{ ...onAir, namespace: 'attacker', channelId: '7' }], undefined);
    await using store = storeOn(url);
    await store.projectChannels([], undefined);
    expect(await server.query('select hls_playback_url as url from channels', { url })).toEqual([
      { url: null },
    ]);
  });

  test('is not written before its namespace is named, and the operator does not start', async () => {
    const url = await appDatabase(
      'create table channels (id integer primary key); insert into channels values (7)',
    );
    await migrated(url);
    const address = (): SecretText => new SecretText(url);
    await using unnamed = openStore({ url: address });
    for (const write of [
      () => unnamed.projectChannels([{ ...onAir, channelId: '7' }], undefined),
      () => unnamed.fillMetrics({ until: new Date(), rows: 'minute' }),
    ])
      await expect(write()).rejects.toMatchObject({
        reason: 'Invalid',
        message: expect.stringContaining('LIVECHANNEL_APP_NAMESPACE'),
      });
    await expect(requireAppNamespace(address, { app: undefined, watched: undefined })).rejects.toThrow(
      /public\.channels knows no namespaces.*LIVECHANNEL_APP_NAMESPACE/,
    );
    await expect(requireAppNamespace(address, { app: 'shop', watched: ['a', 'b'] })).rejects.toThrow(
      /shop, which is not among LIVECHANNEL_WATCH_NAMESPACES: a, b/,
    );
    await requireAppNamespace(address, { app: 'shop', watched: undefined });
    await requireAppNamespace(address, { app: 'shop', watched: ['shop', 'a'] });
    // Neither a table of the project's own nor a database that does not answer needs one.
    const own = await server.createDatabase();
    await migrated(own);
    await requireAppNamespace(() => new SecretText(own), { app: undefined, watched: undefined });
    const away = (): SecretText => new SecretText('postgres://nobody@127.0.0.1:1/none');
    await requireAppNamespace(away, { app: undefined, watched: undefined });
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
    expect(await server.query(read, { url })).toEqual([{ id: 1, ...ended, stream_mode: 'agora-only' }]);
  });

  test.each([
    [
      'relay_started_at text',
      /channels\.relay_started_at is of type text, and must be timestamp with time zone/,
    ],
    ['stream_key_id integer', /channels\.stream_key_id is of type integer, and must be text/],
    ['relay_status varchar(4)', /channels\.relay_status holds 4 characters, and must hold 8/],
    ["stream_mode text generated always as ('x') stored", /channels\.stream_mode is computed/],
    ['stream_mode mode', /channels\.stream_mode is of the enum type mode, which lacks hls-only/],
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
        { id: '1', stream_mode: 'hls-only' },
      ]);
    },
  );

  test.each([
    ['an enum', "create type mode as enum ('agora-only', 'hybrid', 'hls-only')", 'mode'],
    ['a CHECK', '', "varchar(20) check (stream_mode in ('agora-only', 'hybrid', 'hls-only'))"],
  ])('%s of the three modes gets the effective mode instead of auto', async (_, before, type) => {
    const url = await appDatabase(`${before};
      create table channels (id integer primary key, stream_mode ${type} default 'hybrid');
      insert into channels values (1), (2), (3)`);
    await migrated(url);
    await using store = storeOn(url);
    const unwritten = await store.projectChannels(
      [
        { ...onAir, channelId: '1', streamMode: 'auto', effectiveStreamMode: 'agora-only' },
        { ...onAir, channelId: '2', streamMode: 'hybrid', effectiveStreamMode: 'hybrid' },
      ],
      undefined,
    );
    expect(unwritten.refused).toEqual([]);
    expect(
      await server.query('select id, stream_mode::text as mode from channels order by id', { url }),
    ).toEqual([
      { id: 1, mode: 'agora-only' },
      { id: 2, mode: 'hybrid' },
      { id: 3, mode: 'hybrid' },
    ]);
  });

  test('a constraint of three modes that the app adds later is noticed when it refuses a row', async () => {
    const url = await appDatabase(
      'create table channels (id integer primary key); insert into channels values (1)',
    );
    await migrated(url);
    await using store = storeOn(url);
    await store.projectChannels([], undefined);
    await server.query("alter table channels add check (stream_mode <> 'auto')", { url });
    const rows = [{ ...onAir, channelId: '1', streamMode: 'auto', effectiveStreamMode: 'agora-only' }];
    expect((await store.projectChannels(rows, undefined)).refused).toHaveLength(1);
    expect((await store.projectChannels(rows, undefined)).refused).toEqual([]);
    expect(await server.query('select stream_mode from channels', { url })).toEqual([
      { stream_mode: 'agora-only' },
    ]);
  });

  test('a row that the database refuses is reported, and all others are written and cleared', async () => {
    const url = await appDatabase(`
      create table channels (id integer primary key, closed boolean not null default false,
        check (not closed or relay_status is distinct from 'active'),
        relay_status varchar(20), stream_key_id varchar(4));
      create function guard() returns trigger language plpgsql as $$ begin
        if new.id = 7 and new.relay_status = 'stopped' then raise exception 'channel 7 never stops'; end if;
        return new; end $$;
      create trigger guard before update on channels for each row execute function guard();
      insert into channels (id, closed) select id, id in (3, 40) from generate_series(1, 60) id`);
    await migrated(url);
    await using store = storeOn(url);
    const rows = Array.from({ length: 60 }, (_, index) => ({ ...onAir, channelId: String(index + 1) }));
    const unwritten = await store.projectChannels(rows, undefined);
    expect(unwritten.refused.map(({ channelId }) => channelId).toSorted()).toEqual(['3', '40']);
    expect(unwritten.refused[0]?.message).toMatch(/violates check constraint/);
    expect(unwritten.tooLong).toEqual(new Map([['stream_key_id', 60]]));
    const active = () =>
      server.query("select count(*)::integer as rows from channels where relay_status = 'active'", { url });
    expect(await active()).toEqual([{ rows: 58 }]);

    const stopped = await store.projectChannels([], undefined);
    expect(stopped.refused).toEqual([{ channelId: '7', message: expect.stringMatching(/never stops/) }]);
    expect(await active()).toEqual([{ rows: 1 }]);
    await server.query('drop trigger guard on channels', { url });
    expect((await store.projectChannels([], undefined)).refused).toEqual([]);
    expect(await active()).toEqual([{ rows: 0 }]);
  });

  test('constraints that are checked at the commit do not affect other rows either', async () => {
    const url = await appDatabase(`
      create table platforms (name varchar(50) primary key);
      insert into platforms values ('ivs-eu');
      create table channels (id integer primary key, streaming_platform varchar(50)
        references platforms deferrable initially deferred);
      insert into channels values (1), (2)`);
    await migrated(url);
    await using store = storeOn(url);
    const { refused } = await store.projectChannels(
      [
        { ...onAir, channelId: '1' },
        { ...onAir, channelId: '2', streamingPlatform: 'unknown' },
      ],
      undefined,
    );
    expect(refused).toMatchObject([{ channelId: '2', message: expect.stringMatching(/foreign key/) }]);
    expect(await server.query('select relay_status from channels order by id', { url })).toEqual([
      { relay_status: 'active' },
      { relay_status: null },
    ]);
  });

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
