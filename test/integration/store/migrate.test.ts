import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { tables } from '../../../src/store/migrations/0001-tables.ts';
import { migrationNames } from '../../../src/store/migrations.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import { migrated } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

const execute = promisify(execFile);
const program = resolve(import.meta.dirname, '../../../src/main.ts');

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

describe('migrations', () => {
  test('create every table in an empty database; a second run has nothing to do', async () => {
    const url = await server.createDatabase();
    expect((await migrated(url)).done).toEqual(migrationNames);
    expect((await migrated(url)).done).toEqual([]);
    await using store = openStore({ url: () => new SecretText(url) });
    await expect(store.check()).resolves.toBeUndefined();
  });

  test('run once when five start at the same time', async () => {
    const url = await server.createDatabase();
    const results = await Promise.all([1, 2, 3, 4, 5].map(() => migrated(url)));
    expect(results.flatMap(({ done }) => done)).toEqual(migrationNames);
  });

  test('keep the data of an older schema, and send no notifications about resolved alerts', async () => {
    const url = await server.createDatabase();
    await server.query(tables(true), { url });
    await server.query(
      `insert into livechannel_layout default values;
      create table livechannel_migrations (name varchar(255) primary key, timestamp varchar(255) not null);
      insert into livechannel_migrations values ('0001-tables', '2026-11-23T00:00:00Z');
      insert into livechannel_costs values ('shop', '1', 'epoch', 'epoch', 'ivs-eu', 'delivery', 7, 1, true, 'x');
      insert into livechannel_alerts
        (namespace, channel_id, raised_at, resolved_at, kind, severity, message, occasion, delivered_at)
        values ('shop', '1', 'epoch', 'epoch', 'k', 'info', 'm', 'over', 'epoch'),
          ('shop', '1', 'epoch', null, 'k', 'info', 'm', 'open', 'epoch'),
          ('shop', '1', 'epoch', null, 'k', 'info', 'm', 'untold', null)`,
      { url },
    );
    await using store = openStore({ url: () => new SecretText(url) });
    await expect(store.check()).rejects.toMatchObject({
      reason: 'Unavailable',
      message: expect.stringMatching(/lacks 0002.*livechannel migrate/),
    });
    expect((await migrated(url)).done).toEqual(migrationNames.slice(1));
    await store.check();
    const epoch = new Date(0);
    expect(await store.costsOf({ namespace: 'shop', from: epoch, to: new Date() })).toMatchObject([
      { microDollars: 7, missingSeconds: 0 },
    ]);
    expect((await store.undeliveredAlerts(10)).map(({ occasion }) => occasion)).toEqual(['untold']);
  });

  test('reject a server that is too old before any change, and report its version', async () => {
    const url = await server.createDatabase();
    // No server of that age is available: this one claims to be one.
    await server.query(
      `create schema aged;
      create function aged.current_setting(text) returns text language sql as $$
        select case $1 when 'server_version' then '13.23' when 'server_version_num' then '130023'
          else pg_catalog.current_setting($1) end $$`,
      { url },
    );
    const aged = `${url}?options=${encodeURIComponent('-c search_path=aged,pg_catalog,public')}`;
    await expect(migrated(aged)).rejects.toMatchObject({
      reason: 'Invalid',
      message: 'PostgreSQL 13.23 is not supported: version 14 or newer is required',
    });
    expect(
      await server.query(
        `select relname from pg_class where relnamespace in ('public'::regnamespace, 'aged'::regnamespace)`,
        { url },
      ),
    ).toEqual([]);
    expect((await migrated(url)).done).toEqual(migrationNames);
  });

  test('make an emptied database usable again for open stores', async () => {
    const url = await server.createDatabase();
    await using store = openStore({ url: () => new SecretText(url) });
    const at = new Date('2026-11-23T12:00:00Z');
    const from = {
      namespace: 'shop',
      channelId: 'a',
      from: at,
      to: new Date('2026-11-23T13:00:00Z'),
      stepSeconds: 60,
    };
    for (const hlsViewers of [40, 60]) {
      await server.query('drop schema public cascade; create schema public authorization app', { url });
      await expect(store.addSamples([sampleOf({ channelId: 'a', at, hlsViewers })])).rejects.toMatchObject({
        reason: 'Unavailable',
      });
      await expect(store.check()).rejects.toMatchObject({
        message: expect.stringMatching(/livechannel migrate/),
      });
      await migrated(url);
      await store.check();
      await store.addSamples([sampleOf({ channelId: 'a', at, hlsViewers })]);
      expect((await store.metrics(from)).map((point) => point.hlsViewers)).toEqual([hlsViewers]);
    }
  });

  test('a database without the schema is unusable, and usable as soon as it was migrated', async () => {
    const url = await server.createDatabase();
    await using store = openStore({ url: () => new SecretText(url) });
    const complaint = {
      name: 'StoreError',
      reason: 'Unavailable',
      message: expect.stringMatching(/livechannel migrate/),
    };
    await expect(store.check()).rejects.toMatchObject(complaint);
    await expect(store.apiKeys()).rejects.toMatchObject(complaint);
    await migrated(url);
    await expect(store.check()).resolves.toBeUndefined();
    await expect(store.apiKeys()).resolves.toEqual([]);
  });

  test('a schema that is newer than the program is rejected', async () => {
    const url = await server.createDatabase();
    await migrated(url);
    await server.query("insert into livechannel_migrations (name, timestamp) values ('0099-later', 'now')", {
      url,
    });
    const complaint = {
      reason: 'Invalid',
      message: expect.stringMatching(/newer than this version.*0099-later/),
    };
    await expect(migrated(url)).rejects.toMatchObject(complaint);
    await using store = openStore({ url: () => new SecretText(url) });
    await expect(store.check()).rejects.toMatchObject(complaint);
  });
});

describe('livechannel migrate', () => {
  const run = async (args: readonly string[], env: Record<string, string>) =>
    execute(process.execPath, ['--no-warnings', program, 'migrate', ...args], {
      env: { PATH: process.env['PATH'], ...env },
    }).then(
      ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
      (error: unknown) => {
        if (typeof error !== 'object' || error === null || !('code' in error)) throw error;
        const { stdout, stderr } = error as unknown as { stdout: string; stderr: string };
        return { code: error.code, said: stdout + stderr };
      },
    );

  test('reports what is pending, applies it, and reports what is applied', async () => {
    const DATABASE_URL = await server.createDatabase();
    expect(await run(['--status'], { DATABASE_URL })).toEqual({
      code: 1,
      said: `applied: none\npending: ${migrationNames.join(', ')}\n`,
    });
    expect(await run([], { DATABASE_URL })).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^applied 0001-tables\napplied 0002.*pending: none\n$/s),
    });
    expect(await run(['--status'], { DATABASE_URL })).toMatchObject({ code: 0 });
  });

  test('reads the URL from a file, and waits for a database that is still starting', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-migrate-'));
    await using other = await TestPostgres.start();
    try {
      const file = join(folder, 'url');
      await writeFile(file, `${other.url}\n`);
      await other.stop();
      const running = run(['--wait', '60', '--database-url-file', file], {});
      await other.start();
      expect(await running).toMatchObject({ code: 0, said: expect.stringMatching(/pending: none/) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('reports errors without the URL', async () => {
    const refused = await run([], { DATABASE_URL: 'postgres://app:s3cret@127.0.0.1:1/app' });
    expect(refused).toMatchObject({ code: 2, said: expect.stringMatching(/ECONNREFUSED/) });
    const wrong = await run([], { DATABASE_URL: server.url.replace('only-for-tests', 's3cret') });
    expect(wrong).toMatchObject({
      code: 2,
      said: expect.stringMatching(/password authentication failed.*DATABASE_URL/),
    });
    const malformed = await run([], { DATABASE_URL: 'mysql://app:s3cret@db/app' });
    expect(malformed).toMatchObject({
      code: 2,
      said: expect.stringMatching(/postgres:\/\/user:password@host/),
    });
    const bracket = await run([], { DATABASE_URL: 'postgres://app:s3cret@[db/app' });
    expect(bracket.code).toBe(2);
    for (const { said } of [refused, wrong, malformed, bracket]) expect(said).not.toContain('s3cret');
    expect(await run([], {})).toMatchObject({ code: 2, said: expect.stringMatching(/DATABASE_URL/) });
  });
});
