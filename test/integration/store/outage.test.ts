import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { eventually } from '../../support/wait/eventually.ts';
import { type SecretText } from '../../../src/base/secret-text.ts';
import { urlInFile } from '../../../src/store/database-url.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

const at = new Date('2026-11-23T12:00:00Z');
const unavailable = { name: 'StoreError', reason: 'Unavailable' };

let server: TestPostgres;
let address: () => SecretText;
let store: Store;
beforeEach(async () => {
  server = await TestPostgres.start();
  address = await migratedDatabase(server);
  store = openStore({ url: address, connectTimeoutMs: 1_000, statementTimeoutMs: 500 });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const works = async (): Promise<true> => {
  await store.addSamples([sampleOf({ channelId: 'a', at })]);
  return true;
};

describe('a database', () => {
  test('is Unavailable while it is stopped, and works again when it is back', async () => {
    await works();
    await server.stop();
    await expect(works()).rejects.toMatchObject(unavailable);
    await expect(store.check()).rejects.toMatchObject(unavailable);
    await server.start();
    await eventually('the store works again', 10, works);
    expect(await store.latestSamples('shop', at)).toHaveLength(1);
  });

  test('may be started after the store', async () => {
    await using late = openStore({ url: address });
    await server.stop();
    await expect(late.apiKeys()).rejects.toMatchObject(unavailable);
    await server.start();
    expect(await late.apiKeys()).toEqual([]);
  });

  test('that does not respond times out for all callers', async () => {
    // One open connection, and others that would have to be opened.
    await works();
    await server.pause();
    const started = performance.now();
    const all = await Promise.allSettled(Array.from({ length: 12 }, works));
    // 1 s to connect, 0.5 s + 2 s for a statement, plus the wait for a connection of the pool.
    expect(performance.now() - started).toBeLessThan(20_000);
    for (const one of all) expect(one).toMatchObject({ status: 'rejected', reason: unavailable });
    await server.resume();
    await eventually('the store works again', 10, works);
    // A late response to an earlier statement is not mistaken for a later one.
    expect(await store.latestSamples('shop', at)).toEqual([sampleOf({ channelId: 'a', at })]);
    expect(await store.apiKeys()).toEqual([]);
  });

  test('whose statement waits too long for a lock keeps its connection for the next one', async () => {
    const url = address().reveal();
    await using one = openStore({ url: address, poolSize: 1, statementTimeoutMs: 200 });
    await one.apiKeys();
    const connections = async (): Promise<unknown> =>
      server.query(
        "select pid from pg_stat_activity where application_name = 'livechannel' and datname = current_database()",
        { url },
      );
    const before = await connections();
    const holder = new Client({ connectionString: url });
    await holder.connect();
    try {
      await holder.query('begin; lock table livechannel_api_keys in access exclusive mode');
      await expect(one.apiKeys()).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringMatching(/API keys could not be read.*statement timeout/),
      });
    } finally {
      await holder.end();
    }
    expect(await one.apiKeys()).toEqual([]);
    expect(await connections()).toEqual(before);
  });

  test('that ends a connection during a transaction leaves nothing half done', async () => {
    await works();
    const row = {
      namespace: 'shop',
      channelId: 'a',
      streamMode: 'hybrid',
      effectiveStreamMode: 'hybrid',
      hlsPlaybackUrl: undefined,
      relayStatus: 'active',
      relayStartedAt: at,
      streamingPlatform: undefined,
      streamKeyId: undefined,
    };
    const end =
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'livechannel'";
    const [outcomes] = await Promise.all([
      Promise.allSettled(Array.from({ length: 20 }, () => store.projectChannels([row], undefined))),
      server.query(end),
    ]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(unavailable);
    await eventually('the store works again', 10, async () => {
      await store.projectChannels([row], undefined);
      return true;
    });
    expect(await server.query('select id from channels', { url: address().reveal() })).toEqual([{ id: 'a' }]);
  });

  test('whose idle connection breaks is reported, and works again', async () => {
    const broken = Promise.withResolvers<Error>();
    await using told = openStore({ url: address, onBroken: broken.resolve });
    await told.apiKeys();
    await server.stop();
    expect((await broken.promise).message).not.toContain('only-for-tests');
    await server.start();
    expect(await told.apiKeys()).toEqual([]);
  });

  test('uses a password that has changed in the file for the next connection', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-url-'));
    try {
      const file = join(folder, 'url');
      await writeFile(file, address().reveal());
      await using fromFile = openStore({ url: urlInFile(file) });
      await fromFile.apiKeys();
      await server.query("alter role app password 'another'");
      await server.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'");
      await eventually('the old password is refused', 10, async () =>
        fromFile.apiKeys().then(
          () => undefined,
          (error: unknown) => (String(error).includes('password') ? true : undefined),
        ),
      );
      await writeFile(file, address().reveal().replace('only-for-tests', 'another'));
      expect(await fromFile.apiKeys()).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
