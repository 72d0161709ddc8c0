import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { SecretText } from '../../../src/base/secret-text.ts';
import { connect } from '../../../src/store/connect.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { ChannelProjection, FilledMetrics, Store } from '../../../src/store/store.ts';
import { migrated } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { appDatabase, SPECIFIED_COLUMNS, SPECIFIED_METRICS } from '../../fixtures/app-schema.ts';
import { sampleOf } from './sample-of.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const noon = new Date('2026-11-23T12:00:00Z');
const at = (seconds: number): Date => new Date(noon.getTime() + seconds * 1_000);
const storeOn = (url: string): Store => openStore({ url: () => new SecretText(url), appNamespace: 'shop' });
const onAir: ChannelProjection = {
  namespace: 'shop',
  channelId: '1',
  streamMode: 'hybrid',
  effectiveStreamMode: 'hybrid',
  hlsPlaybackUrl: 'https://play.example.com/1.m3u8',
  relayStatus: 'active',
  relayStartedAt: noon,
  streamingPlatform: 'ivs-eu',
  streamKeyId: 'key-1',
};
/** Fills the minutes up to that many seconds after noon. */
const fill = (store: Store, seconds: number, rows: 'minute' | 'sample' = 'minute'): Promise<FilledMetrics> =>
  store.fillMetrics({ until: at(seconds), rows });
const all = (url: string): Promise<Record<string, unknown>[]> =>
  server.query('select *, timestamp::text as timestamp from stream_metrics order by id', { url });

describe('the tables of the specification', () => {
  test('are used as they are, and are filled: rows with their own IDs, joined by channels.id', async () => {
    const url = await appDatabase(server, 'id SERIAL PRIMARY KEY, title TEXT');
    for (const statement of [SPECIFIED_COLUMNS, SPECIFIED_METRICS]) await server.query(statement, { url });
    await server.query("insert into channels (title) values ('Shoes'), ('Bags')", { url });
    const { addedColumns, appMetrics, createdMetrics, layout } = await migrated(url);
    expect({ addedColumns, createdMetrics, layout, kind: appMetrics.kind }).toEqual({
      addedColumns: [],
      createdMetrics: false,
      layout: { schema: 'livechannel', channelsSchema: 'public' },
      kind: 'usable',
    });

    await using store = storeOn(url);
    await store.check();
    await store.projectChannels([onAir], undefined);
    await store.addSamples([
      sampleOf({ channelId: '1', at: at(0), hlsViewers: 40, agoraViewers: undefined }),
      sampleOf({ channelId: '1', at: at(10), hlsViewers: 51, agoraViewers: undefined, relayHealth: 'poor' }),
      sampleOf({
        channelId: '1',
        at: at(60),
        hlsViewers: undefined,
        bitrateKbps: undefined,
        relayHealth: undefined,
      }),
      // Without a row in the app's table of channels.
      sampleOf({ channelId: '99', at: at(0) }),
      sampleOf({ channelId: 'night-show', at: at(0) }),
    ]);
    expect(await fill(store, 60)).toMatchObject({ table: 'usable', written: 1, refused: [], until: at(60) });
    expect(await fill(store, 125)).toMatchObject({ written: 1, refused: [], more: false, until: at(120) });
    const rows = await server.query(
      `select c.id as channel, c.title, c.relay_status, m.id, m.channel_id, m.timestamp::text, m.agora_viewers,
         m.hls_viewers, m.bitrate_kbps, m.relay_health, abs(extract(epoch from now() at time zone 'UTC' - m.created_at)) < 60 as new
       from channels c join stream_metrics m on m.channel_id = c.id order by m.timestamp`,
      { url },
    );
    const common = { channel: 1, title: 'Shoes', relay_status: 'active', channel_id: 1, new: true };
    expect(rows).toEqual([
      {
        ...common,
        id: 1,
        timestamp: '2026-11-23 12:00:00',
        agora_viewers: null,
        hls_viewers: 46,
        bitrate_kbps: 2_500,
        relay_health: 'poor',
      },
      {
        ...common,
        id: 2,
        timestamp: '2026-11-23 12:01:00',
        agora_viewers: 3,
        hls_viewers: null,
        bitrate_kbps: null,
        relay_health: null,
      },
    ]);
  });

  test('hold UTC, whatever the time zone of the database is', async () => {
    const url = await appDatabase(server, 'id SERIAL PRIMARY KEY', SPECIFIED_COLUMNS, SPECIFIED_METRICS);
    const name = new URL(url).pathname.slice(1);
    await server.query(`alter database ${name} set timezone to 'Asia/Tokyo'`);
    await server.query('insert into channels default values', { url });
    await migrated(url);
    await using store = storeOn(url);
    await store.projectChannels([onAir], undefined);
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    await fill(store, 60);
    expect(
      await server.query(
        `select relay_started_at::text as started, m.timestamp::text as at,
           abs(extract(epoch from now() at time zone 'UTC' - created_at)) < 60 as new
         from channels c join stream_metrics m on m.channel_id = c.id`,
        { url },
      ),
    ).toEqual([{ started: '2026-11-23 12:00:00', at: '2026-11-23 12:00:00', new: true }]);
  });
});

describe('filling', () => {
  test('is done once for each minute, by whichever of two leaders comes first, and goes on where it ended', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query('insert into channels values (1), (2)', { url });
    await migrated(url);
    await using one = storeOn(url);
    await using other = storeOn(url);
    await one.addSamples(
      [0, 10, 60, 130, 400].flatMap((second) =>
        ['1', '2'].map((channelId) => sampleOf({ channelId, at: at(second) })),
      ),
    );
    await fill(one, 60);
    const results = await Promise.all([fill(one, 460), fill(other, 460), fill(one, 460), fill(other, 420)]);
    expect(results.reduce((sum, { written }) => sum + written, 0)).toBe(6);
    // The clock of another leader is behind.
    expect(await fill(other, 120)).toMatchObject({ written: 0 });
    const rows = await server.query(
      'select channel_id, timestamp::text as at from stream_metrics order by timestamp, channel_id',
      { url },
    );
    expect(rows.map(({ channel_id: id, at: time }) => `${String(id)} ${String(time).slice(11, 16)}`)).toEqual([
      '1 12:00', '2 12:00', '1 12:01', '2 12:01', '1 12:02', '2 12:02', '1 12:06', '2 12:06',
    ]); // prettier-ignore
  });

  test('after an interruption reads back a day at most, in small transactions', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query('insert into channels values (1)', { url });
    await migrated(url);
    await using store = storeOn(url);
    const day = 86_400;
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    expect((await fill(store, 60)).written).toBe(1);
    await store.addSamples(
      [day, 2 * day - 120, 3 * day - 60].map((second) => sampleOf({ channelId: '1', at: at(second) })),
    );
    let calls = 0;
    for (let more = true; more; calls += 1) ({ more } = await fill(store, 3 * day));
    expect(calls).toBeGreaterThan(1);
    expect((await all(url)).map(({ timestamp }) => timestamp)).toEqual([
      '2026-11-23 12:00:00',
      '2026-11-26 11:59:00',
    ]);
  });

  test('inserts every sample with its own time, where that is set', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query('insert into channels values (1)', { url });
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples([0, 10, 20, 60].map((second) => sampleOf({ channelId: '1', at: at(second) })));
    expect(await fill(store, 60, 'sample')).toMatchObject({ written: 3 });
    expect((await all(url)).map(({ timestamp }) => String(timestamp).slice(11))).toEqual([
      '12:00:00',
      '12:00:10',
      '12:00:20',
    ]);
  });

  test('of two namespaces with a channel of that ID, takes the samples of the named one', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query('insert into channels values (1)', { url });
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples([
      sampleOf({ channelId: '1', namespace: 'attacker', at: at(1), hlsViewers: 7 }),
      sampleOf({ channelId: '1', namespace: 'shop', at: at(2), hlsViewers: 5 }),
    ]);
    await fill(store, 60);
    expect(await all(url)).toMatchObject([{ hls_viewers: 5 }]);
  });

  test.each([
    ['integer', 'integer', ['1', '2'], ['01', '99999999999', 'x']],
    ['smallint', 'smallint', ['1', '-2'], ['40000']],
    ['bigint', 'bigint', ['9007199254740993', '2'], ['99999999999999999999']],
    ['uuid', 'uuid', ['5f0c1c0e-8a5b-4f0e-9d8e-0d9f3f1c2b3a'], ['5F0C1C0E-8A5B-4F0E-9D8E-0D9F3F1C2B3A']],
    ['text', 'text', ['Show 1!', "O'Reilly"], ['show 1!']],
    ['varchar(40)', 'varchar(40)', ['a'], ['b']],
    ['integer', 'bigint', ['1'], []],
    ['bigint', 'text', ['1'], []],
    ['numeric', 'numeric', ['2.50'], ['2.5']],
  ])('keeps IDs of type %s in a column of type %s', async (idType, type, ids, strangers) => {
    const url = await appDatabase(
      server,
      `id ${idType} primary key`,
      SPECIFIED_METRICS.replace('INTEGER REFERENCES channels(id)', type),
    );
    for (const id of ids) await server.query('insert into channels values ($1)', { url, values: [id] });
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples([...ids, ...strangers].map((channelId) => sampleOf({ channelId, at: at(0) })));
    expect(await fill(store, 60)).toMatchObject({ written: ids.length, refused: [] });
    const rows = await server.query(
      'select c.id::text as id from channels c join stream_metrics m on m.channel_id::text = c.id::text order by 1',
      { url },
    );
    expect(rows.map(({ id }) => id)).toEqual(ids.toSorted());
  });

  test('skips and reports IDs that do not fit, and rows that the database refuses; all others are written', async () => {
    const url = await appDatabase(
      server,
      'id bigint primary key',
      SPECIFIED_METRICS.replace('INTEGER REFERENCES channels(id)', 'INTEGER CHECK (channel_id <> 3)'),
    );
    await server.query(
      `insert into channels select * from generate_series(1, 30); insert into channels values (5000000000);
      create function refuse() returns trigger language plpgsql as $$ begin
        if new.channel_id = 17 then raise exception 'not 17'; end if; return new; end $$;
      create trigger refuse before insert on stream_metrics for each row execute function refuse();`,
      { url },
    );
    await migrated(url);
    await using store = storeOn(url);
    const ids = [...Array.from({ length: 30 }, (_, index) => String(index + 1)), '5000000000'];
    await store.addSamples(ids.map((channelId) => sampleOf({ channelId, at: at(0) })));
    const { written, refused } = await fill(store, 60);
    expect(written).toBe(28);
    expect(refused.toSorted((a, b) => Number(a.channelId) - Number(b.channelId))).toEqual([
      { channelId: '3', message: expect.stringMatching(/check constraint/) },
      { channelId: '17', message: expect.stringMatching(/not 17/) },
      {
        channelId: '5000000000',
        message: expect.stringMatching(/does not fit into channel_id of type integer/),
      },
    ]);
    expect(await fill(store, 120)).toMatchObject({ written: 0, refused: [] });
  });

  test('writes numbers that must not be null as 0 where they are unknown, and the health of the status', async () => {
    const url = await appDatabase(
      server,
      'id integer primary key',
      `create table stream_metrics (id uuid primary key default gen_random_uuid(), channel_id integer not null,
        timestamp timestamptz not null, agora_viewers bigint not null default 0, hls_viewers integer not null,
        bitrate_kbps integer not null, relay_health text not null, created_at timestamptz not null, note text,
        source text not null default 'livechannel')`,
    );
    await server.query('insert into channels values (1)', { url });
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples([
      sampleOf({
        channelId: '1',
        at: at(0),
        agoraViewers: undefined,
        hlsViewers: undefined,
        bitrateKbps: undefined,
        relayHealth: undefined,
        relayStatus: 'error',
      }),
    ]);
    expect(await fill(store, 60)).toMatchObject({ written: 1, refused: [] });
    expect(await all(url)).toMatchObject([
      {
        agora_viewers: '0',
        hls_viewers: 0,
        bitrate_kbps: 0,
        relay_health: 'poor',
        source: 'livechannel',
      },
    ]);
    await store.pruneMetrics(at(9 * 86_400));
    expect(await all(url)).toEqual([]);
  });

  test('a lock on the table delays its own rows alone, and none is lost', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query('insert into channels values (1)', { url });
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    const app = connect({
      url: () => new SecretText(url),
      poolSize: 1,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 60_000,
    });
    try {
      await app.transaction().execute(async (transaction) => {
        await sql`lock table public.stream_metrics in access exclusive mode`.execute(transaction);
        await expect(fill(store, 60)).rejects.toMatchObject({ reason: 'Unavailable' });
        await store.addSamples([sampleOf({ channelId: '1', at: at(60) })]);
        expect(await store.latestSamples('shop', at(0))).toHaveLength(1);
      });
    } finally {
      await app.destroy();
    }
    expect((await fill(store, 60)).written + (await fill(store, 120)).written).toBe(2);
  });

  test('of thousands of rows that the database refuses, tries a bounded number of statements', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query(
      `insert into channels select * from generate_series(1, 3000);
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'closed'; end $$;
      create trigger refuse before insert on stream_metrics for each statement execute function refuse();`,
      { url },
    );
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples(
      Array.from({ length: 3_000 }, (_, index) => sampleOf({ channelId: String(index + 1), at: at(0) })),
    );
    const { written, refused } = await fill(store, 60);
    expect([written, refused.length]).toEqual([0, 3_000]);
    expect(refused.filter(({ message }) => message.startsWith('not tried')).length).toBeGreaterThan(2_000);
    await server.query('drop trigger refuse on stream_metrics', { url });
    await store.addSamples([sampleOf({ channelId: '1', at: at(60) })]);
    expect(await fill(store, 120)).toMatchObject({ written: 1, refused: [] });
  });

  test('goes on as soon as its role may write the table', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query('insert into channels values (1)', { url });
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    await server.query('alter table stream_metrics owner to postgres', {
      url: server.adminUrl.replace('/app?', `${new URL(url).pathname}?`),
    });
    expect(await fill(store, 60)).toMatchObject({
      table: 'unusable',
      problem: expect.stringMatching(/grant select, insert, delete on public\.stream_metrics to app/),
    });
    await store.addSamples([sampleOf({ channelId: '1', at: at(60) })]);
    expect(await store.latestSamples('shop', at(0))).toHaveLength(1);
    await server.query('alter table stream_metrics owner to app', {
      url: server.adminUrl.replace('/app?', `${new URL(url).pathname}?`),
    });
    expect(await fill(store, 120)).toMatchObject({ table: 'usable', written: 1 });
  });

  test("needs grants and not ownership where the app's migration created columns and table", async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query(SPECIFIED_COLUMNS, { url });
    await server.query('insert into channels values (1)', { url });
    const asOwner = { url: server.adminUrl.replace('/app?', `${new URL(url).pathname}?`) };
    for (const statement of [
      'alter table channels owner to postgres',
      'alter table stream_metrics owner to postgres',
      'grant select, update on channels to app',
      'grant select, insert, delete on stream_metrics to app',
      'grant usage on sequence stream_metrics_id_seq to app',
    ])
      await server.query(statement, asOwner);
    expect(await migrated(url)).toMatchObject({ addedColumns: [], createdMetrics: false });
    await using store = storeOn(url);
    await store.projectChannels([onAir], undefined);
    expect(await server.query('select relay_status from channels', { url })).toEqual([
      { relay_status: 'active' },
    ]);
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    expect(await fill(store, 60)).toMatchObject({ table: 'usable', written: 1 });
  });

  test('needs no more than the statements of docs/build/integrate.md, executed by an administrator as on RDS', async () => {
    const url = await server.createDatabase();
    const administrator = new URL(url);
    [administrator.username, administrator.password] = ['administrator', 'only-for-tests'];
    await server.query(
      `create role administrator login createrole password 'only-for-tests';
      alter database ${administrator.pathname.slice(1)} owner to administrator`,
    );
    const asOwner = { url: administrator.href };
    const [own = '', migration = '', grants = ''] = blocksOf(await readDoc('build/integrate.md'), 'sql');
    for (const statement of [
      'create table channels (id integer primary key)',
      'insert into channels values (1)',
      own,
      migration,
      grants,
    ])
      await server.query(statement, asOwner);
    const ofRole = new URL(url);
    ofRole.username = 'livechannel';
    ofRole.password = '...';
    expect(await migrated(ofRole.href)).toMatchObject({
      addedColumns: [],
      createdMetrics: false,
      layout: { schema: 'livechannel', channelsSchema: 'public' },
    });
    await using store = storeOn(ofRole.href);
    await store.projectChannels([onAir], undefined);
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    expect(await fill(store, 60)).toMatchObject({ table: 'usable', written: 1 });
    expect(await server.query('select relay_status from channels', asOwner)).toEqual([
      { relay_status: 'active' },
    ]);
  });

  test('finds tables in another schema by the search path of its role', async () => {
    const url = await server.createDatabase();
    const { pathname, username } = new URL(url);
    await server.query('create schema shop; create table shop.channels (id integer primary key)', { url });
    await server.query('insert into shop.channels values (1)', { url });
    // For this database alone: other tests have the same role.
    await server.query(`alter role ${username} in database ${pathname.slice(1)} set search_path = shop`, {
      url,
    });
    expect(await migrated(url)).toMatchObject({ layout: { schema: 'livechannel', channelsSchema: 'shop' } });
    await using store = storeOn(url);
    await store.projectChannels([onAir], undefined);
    expect(await server.query('select relay_status from shop.channels', { url })).toEqual([
      { relay_status: 'active' },
    ]);
  });

  test('finds the table along the search path, as the app does', async () => {
    const url = await appDatabase(server, 'id integer primary key');
    await server.query(
      `insert into channels values (1); create schema metrics; set search_path = metrics; ${SPECIFIED_METRICS.replace(' REFERENCES channels(id)', '')}`,
      { url },
    );
    const along = `${url}?options=${encodeURIComponent('-c search_path=metrics,public')}`;
    const { appMetrics, createdMetrics } = await migrated(along);
    expect({ kind: appMetrics.kind, createdMetrics }).toEqual({ kind: 'usable', createdMetrics: false });
    await using store = storeOn(along);
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    expect(await fill(store, 60)).toMatchObject({ written: 1 });
    expect(await server.query('select channel_id from metrics.stream_metrics', { url })).toEqual([
      { channel_id: 1 },
    ]);
  });
});

describe('old rows', () => {
  test('that were inserted here are deleted with the samples; rows of the app never are', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query('insert into channels values (1), (2)', { url });
    await migrated(url);
    await using store = storeOn(url);
    await server.query("insert into stream_metrics (channel_id, timestamp) values (1, '2020-01-01')", {
      url,
    });
    await store.addSamples(
      [0, 60].flatMap((second) => ['1', '2'].map((channelId) => sampleOf({ channelId, at: at(second) }))),
    );
    await fill(store, 60);
    await server.query("insert into stream_metrics (channel_id, timestamp) values (1, '2026-11-23 12:00')", {
      url,
    });
    await fill(store, 120);
    await store.pruneMetrics(at(7 * 86_400));
    expect(await all(url)).toHaveLength(6);
    await store.pruneMetrics(at(8 * 86_400));
    expect((await all(url)).map(({ id, hls_viewers: viewers }) => [id, viewers])).toEqual([
      [1, 0],
      [4, 0],
    ]);
    expect(await server.query('select from livechannel.livechannel_app_metrics_minutes', { url })).toEqual(
      [],
    );
  });

  test('that the app still needs stay, and delay no others', async () => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS);
    await server.query('insert into channels values (1)', { url });
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples([0, 60].map((second) => sampleOf({ channelId: '1', at: at(second) })));
    await fill(store, 60);
    await fill(store, 120);
    await server.query(
      'create table notes (metric integer references stream_metrics (id)); insert into notes values (1)',
      { url },
    );
    await expect(store.pruneMetrics(at(8 * 86_400))).rejects.toThrow(/foreign key/);
    expect((await all(url)).map(({ id }) => id)).toEqual([1]);
  });
});

describe('a table of another shape', () => {
  test.each([
    ['relay_health VARCHAR(20),', '', /column relay_health is missing/],
    ['channel_id INTEGER REFERENCES channels(id)', 'channel_id jsonb', /column channel_id is of type jsonb/],
    ['timestamp TIMESTAMP DEFAULT NOW()', 'timestamp date', /column timestamp is of type date/],
    [
      'hls_viewers INTEGER',
      'hls_viewers NUMERIC',
      /column hls_viewers is of type numeric, and must be integer/,
    ],
    ['relay_health VARCHAR(20)', 'relay_health VARCHAR(3)', /holds 3 characters, and must hold 4/],
    ['id SERIAL PRIMARY KEY', 'id INTEGER PRIMARY KEY', /column id has no default/],
    ['relay_health', 'show text not null, relay_health', /column show is NOT NULL and has no default/],
  ])('is left alone, and the reason is reported: %s -> %s', async (from, to, problem) => {
    const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS.replace(from, to));
    await server.query('insert into channels values (1)', { url });
    const { appMetrics, createdMetrics } = await migrated(url);
    expect(createdMetrics).toBe(false);
    expect(appMetrics).toMatchObject({ kind: 'unusable', problems: [expect.stringMatching(problem)] });
    await using store = storeOn(url);
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    expect(await fill(store, 60)).toMatchObject({
      table: 'unusable',
      problem: expect.stringMatching(problem),
      written: 0,
    });
    expect(await all(url)).toEqual([]);
    expect(await store.latestSamples('shop', at(0))).toHaveLength(1);
  });
});

describe('an app without such a table', () => {
  test.each(['integer', 'bigint', 'uuid', 'text'])(
    'gets one whose channel_id is of type %s, which it can join and drop',
    async (type) => {
      const id = type === 'uuid' ? '5f0c1c0e-8a5b-4f0e-9d8e-0d9f3f1c2b3a' : '1';
      const url = await appDatabase(server, `id ${type} primary key`);
      await server.query('insert into channels values ($1)', { url, values: [id] });
      expect(await migrated(url)).toMatchObject({ createdMetrics: true, appMetrics: { kind: 'usable' } });
      expect(await migrated(url)).toMatchObject({ createdMetrics: false, appMetrics: { kind: 'usable' } });
      await using store = storeOn(url);
      await store.addSamples([
        sampleOf({ channelId: id, at: at(0) }),
        sampleOf({ channelId: id, at: at(60) }),
      ]);
      await fill(store, 60);
      const join = `select m.id, c.id::text as channel, pg_typeof(m.channel_id)::text as type
        from channels c join stream_metrics m on m.channel_id = c.id`;
      expect(await server.query(join, { url })).toEqual([{ id: 1, channel: id, type }]);

      // The app's own migration comes later: it replaces the table, and filling goes on.
      await server.query('drop table stream_metrics', { url });
      expect(await fill(store, 120)).toMatchObject({
        table: 'absent',
        problem: expect.stringMatching(/livechannel migrate/),
      });
      await server.query(SPECIFIED_METRICS.replace('INTEGER REFERENCES', `${type} REFERENCES`), { url });
      expect(await fill(store, 120)).toMatchObject({ table: 'usable', written: 1 });
      expect(await server.query(join, { url })).toEqual([{ id: 1, channel: id, type }]);
      await store.pruneMetrics(at(9 * 86_400));
      expect(await all(url)).toEqual([]);
    },
  );

  test('can delete its channels and truncate its table as before', async () => {
    const url = await appDatabase(server, 'id integer primary key');
    await server.query('insert into channels values (1), (2)', { url });
    await migrated(url);
    await using store = storeOn(url);
    await store.addSamples([sampleOf({ channelId: '1', at: at(0) })]);
    await fill(store, 60);
    await server.query('delete from channels where id = 1; truncate channels', { url });
    await store.addSamples([sampleOf({ channelId: '1', at: at(60) })]);
    expect(await fill(store, 120)).toMatchObject({ written: 0, refused: [] });
  });
});

test('where channels is the table of livechannel, its own stream_metrics has an ID, and there is nothing to fill', async () => {
  const url = await server.createDatabase();
  expect(await migrated(url)).toMatchObject({ appMetrics: { kind: 'own' }, createdMetrics: false });
  await using store = storeOn(url);
  await store.projectChannels([{ ...onAir, channelId: 'a' }], undefined);
  await store.addSamples([0, 10].map((second) => sampleOf({ channelId: 'a', at: at(second) })));
  expect(await fill(store, 60)).toMatchObject({ table: 'own', written: 0 });
  const rows = await server.query(
    'select m.id, c.relay_status from channels c join stream_metrics m on m.channel_id = c.id order by m.id',
    { url },
  );
  expect(rows.map(({ relay_status: status }) => status)).toEqual(['active', 'active']);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
  expect(rows.every(({ id }) => Number(id) > 0)).toBe(true);
});
