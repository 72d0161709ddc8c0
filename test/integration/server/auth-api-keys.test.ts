import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { cacheTimes } from '../../../src/server/auth/caller-cache.ts';
import { createAuthenticate } from '../../../src/server/auth/authenticators.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import type { Caller } from '../../../src/server/service.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const signal = new AbortController().signal;

let postgres: TestPostgres;
let store: Store;
let folder: string;
beforeAll(async () => {
  postgres = await TestPostgres.start();
  store = openStore({ url: () => new SecretText(postgres.url), connectTimeoutMs: 1_000 });
  folder = await mkdtemp(join(tmpdir(), 'livechannel-api-keys-'));
  await writeFile(join(folder, 'url'), `${postgres.url}\n`);
  expect(await livechannel(['migrate'])).toMatchObject({ code: 0 });
}, 60_000);
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function livechannel(args: readonly string[], environment: Record<string, string> = {}): Promise<Run> {
  const { promise, resolve: done } = Promise.withResolvers<Run>();
  const env = { PATH: process.env['PATH'], DATABASE_URL_FILE: join(folder, 'url'), ...environment };
  execFile(process.execPath, ['src/main.ts', ...args], { cwd: checkout, env }, (error, stdout, stderr) => {
    const { code } = error ?? { code: 0 };
    done({ code: typeof code === 'number' ? code : -1, stdout, stderr });
  });
  return promise;
}

async function created(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await livechannel(['api-key', 'create', '--name', 'app', ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

function idOf(key: string): string {
  return key.split('_')[1] ?? '';
}

function service() {
  const clock = new FakeClock(new Date());
  const authenticate = createAuthenticate({
    settings: apiSettingsSchema.parse({
      LIVECHANNEL_API_KEYS: 'true',
      LIVECHANNEL_API_KUBERNETES_TOKENS: 'false',
    }),
    namespace: 'shop',
    client: { review: () => Promise.reject(new Error('the cluster is not queried')) },
    store,
    clock,
    logger: silentLogger,
  });
  const who = (key: string, address?: string): Promise<Caller> =>
    Promise.resolve(authenticate({ authorization: `Bearer ${key}` }, { signal }, address));
  return { clock, who };
}

const refused = { code: 'not-authenticated', status: 401 };

describe('livechannel api-key', () => {
  test('create prints only the key to stdout; the service accepts it', async () => {
    const { code, stdout, stderr } = await livechannel([
      ...['api-key', 'create', '--name', 'shop back end', '--scope', 'operate'],
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^lc_\w{12}_[\w-]{43}\n$/) });
    expect(stderr).toContain('shop back end');
    expect(stderr).not.toContain(stdout.trim().slice(-43));
    const key = stdout.trim();
    expect(await service().who(key)).toEqual({ subject: `api-key:${idOf(key)}`, scope: 'operate' });
  });

  test('the database holds only the hash of a key', async () => {
    const key = await created('--scope', 'admin');
    const rows = await postgres
      .query('select * from livechannel.livechannel_api_keys', { url: postgres.url })
      .catch(() => postgres.query('select * from livechannel_api_keys', { url: postgres.url }));
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).toContain(idOf(key));
    expect(JSON.stringify(rows)).not.toContain(key.slice(-43));
  });

  test('list shows everything except secrets, for people and as JSON', async () => {
    const key = await created('--scope', 'playback', '--expires', '90d');
    const table = await livechannel(['api-key', 'list']);
    expect(table.stdout).toMatch(new RegExp(`${idOf(key)} +playback +valid +\\d{4}-.* app`));
    const json = await livechannel(['api-key', 'list', '--json']);
    const listed = JSON.parse(json.stdout) as { id: string; expiresAt?: string; createdAt: string }[]; // as printed
    const entry = listed.find(({ id }) => id === idOf(key));
    expect(Date.parse(entry?.expiresAt ?? '') - Date.parse(entry?.createdAt ?? '')).toBeCloseTo(
      90 * 86_400_000,
      -5,
    );
    for (const { stdout } of [table, json]) expect(stdout).not.toMatch(/hash|[\w-]{43}/);
  });

  test('rotate returns another key of the same scope; the old one is valid during the overlap', async () => {
    const old = await created('--scope', 'operate', '--expires', '30d');
    const { code, stdout } = await livechannel(['api-key', 'rotate', idOf(old), '--overlap', '2h', '--json']);
    expect(code).toBe(0);
    const made = JSON.parse(stdout) as { key: string; scopes: string[] }; // as printed
    expect(made.scopes).toEqual(['operate']);
    const { clock, who } = service();
    expect((await who(made.key)).scope).toBe('operate');
    expect((await who(old)).scope).toBe('operate');
    await clock.advance(2 * 3_600_000);
    await expect(who(old)).rejects.toThrow('expired');
    expect((await who(made.key)).scope).toBe('operate');
  });

  test('revoke ends a key within seconds, once', async () => {
    const key = await created('--scope', 'operate');
    const { clock, who } = service();
    await who(key);
    expect(await livechannel(['api-key', 'revoke', idOf(key)])).toMatchObject({ code: 0 });
    await clock.advance(cacheTimes.acceptedMs);
    await expect(who(key)).rejects.toThrow('revoked');
    expect(await livechannel(['api-key', 'revoke', idOf(key)])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(idOf(key)),
    });
    expect(await livechannel(['api-key', 'rotate', idOf(key)])).toMatchObject({ code: 2, stdout: '' });
  });

  test('every change is in the audit log', async () => {
    const key = await created('--scope', 'playback');
    await livechannel(['api-key', 'revoke', idOf(key)]);
    const rows = await postgres.query(
      `select action from livechannel_audit where detail->>'id' = $1 order by id`,
      { url: postgres.url, values: [idOf(key)] },
    );
    expect(rows).toEqual([{ action: 'api-key.create' }, { action: 'api-key.revoke' }]);
  });

  test.each([
    [['create', '--name', 'app', '--scope', 'root']],
    [['create', '--name', 'app']],
    [['create', '--scope', 'admin']],
    [['create', '--name', 'two\nlines', '--scope', 'admin']],
    [['create', '--name', 'app', '--scope', 'admin', '--expires', 'soon']],
    [['revoke']],
    [['revoke', 'nobodys']],
    [['rotate', 'nobodys']],
  ])('%j is rejected with exit code 2, and prints no key', async (args) => {
    expect(await livechannel(['api-key', ...args])).toMatchObject({ code: 2, stdout: '' });
  });

  test('without a database it reports the missing setting; the password is never printed', async () => {
    expect(await livechannel(['api-key', 'list'], { DATABASE_URL_FILE: '', DATABASE_URL: '' })).toMatchObject(
      { code: 2, stderr: expect.stringContaining('DATABASE_URL') },
    );
    const away = await livechannel(['api-key', 'list'], {
      DATABASE_URL_FILE: '',
      DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:1/app',
    });
    expect(away.code).toBe(2);
    expect(away.stderr).not.toContain('hunter2');
  });
});

describe('API keys at the service', () => {
  test('a wrong secret of a known ID, and an unknown ID, are rejected', async () => {
    const key = await created('--scope', 'admin');
    const { who } = service();
    await expect(who(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)).rejects.toMatchObject(refused);
    await expect(who(`lc_${'x'.repeat(12)}_${'y'.repeat(43)}`)).rejects.toMatchObject(refused);
  });

  test('an expired key is rejected', async () => {
    const key = await created('--scope', 'admin', '--expires', '1h');
    const { clock, who } = service();
    await who(key);
    await clock.advance(3_600_000);
    await expect(who(key)).rejects.toThrow('expired');
  });

  test('after 30 wrong secrets of a key an IP address must wait with it; other keys work all the same', async () => {
    const key = await created('--scope', 'operate');
    const other = await created('--scope', 'operate');
    const { clock, who } = service();
    const address = '192.0.2.7';
    await who(key, address);
    for (let attempt = 0; attempt < 30; attempt += 1)
      await expect(
        who(`lc_${idOf(other)}_${String(attempt).padStart(43, 'y')}`, address),
      ).rejects.toMatchObject(refused);
    await expect(who(other, address)).rejects.toMatchObject({ code: 'too-many-requests', status: 429 });
    expect((await who(other, '192.0.2.8')).scope).toBe('operate');
    expect((await who(await created('--scope', 'operate'), address)).scope).toBe('operate');
    await clock.advance(cacheTimes.acceptedMs);
    expect((await who(key, address)).scope).toBe('operate');
    await clock.advance(60_000);
    expect((await who(other, address)).scope).toBe('operate');
  });

  test('the last use of a key is recorded', async () => {
    const key = await created('--scope', 'playback');
    await service().who(key);
    let used: Date | undefined;
    while (used === undefined) used = (await store.apiKey(idOf(key)))?.lastUsedAt;
    expect(Math.abs(used.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test('during a database outage, known keys work for minutes, and unknown ones must retry later', async () => {
    const key = await created('--scope', 'operate');
    const other = await created('--scope', 'operate');
    const { clock, who } = service();
    await who(key);
    await postgres.stop();
    await clock.advance(cacheTimes.acceptedMs);
    expect((await who(key)).scope).toBe('operate');
    await expect(who(other)).rejects.toMatchObject({ code: 'store-unavailable', status: 503 });
    await clock.advance(cacheTimes.withoutAnswerMs);
    await expect(who(key)).rejects.toMatchObject({ code: 'store-unavailable' });
    await postgres.start();
    expect((await who(key)).scope).toBe('operate');
    expect((await who(other)).scope).toBe('operate');
  }, 60_000);
});
