import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { connect } from '../../../src/store/connect.ts';
import { databaseUrlFrom } from '../../../src/store/database-url.ts';
import { asStoreError } from '../../../src/store/errors.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';

const execute = promisify(execFile);

let folder: string;
let server: TestPostgres;
let plain: TestPostgres;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-tls-'));
  for (const name of ['server', 'other']) await selfSigned(name);
  const [cert, key] = await Promise.all(
    ['server.crt', 'server.key'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  if (cert === undefined || key === undefined) throw new Error('two files are read above');
  [server, plain] = await Promise.all([TestPostgres.start({ tls: { cert, key } }), TestPostgres.start()]);
});
afterAll(async () => {
  await Promise.all([server[Symbol.asyncDispose](), plain[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true, force: true });
});

/** For 127.0.0.1; it is its own CA. */
async function selfSigned(name: string): Promise<void> {
  await execute('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)],
  ]);
}

/** Whether the connection is encrypted; an error without a connection. */
async function encrypted(on: TestPostgres, query: string): Promise<boolean | undefined> {
  const url = databaseUrlFrom({ DATABASE_URL: `${on.url}${query}` });
  if (url === undefined) throw new Error('it is set');
  const db = connect({ url, poolSize: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 5_000 });
  try {
    const { rows } = await sql<{
      ssl: boolean;
    }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
    return rows[0]?.ssl;
  } catch (error) {
    throw asStoreError('It failed', error);
  } finally {
    await db.destroy();
  }
}

describe('TLS, by the sslmode of the URL', () => {
  test('none and disable work without; require encrypts without verification', async () => {
    expect(await encrypted(server, '')).toBe(false);
    expect(await encrypted(server, '?sslmode=disable')).toBe(false);
    expect(await encrypted(server, '?sslmode=require')).toBe(true);
  });

  test('verify-full requires a certificate of the CA', async () => {
    const ca = (name: string): string => `&sslrootcert=${encodeURIComponent(join(folder, `${name}.crt`))}`;
    expect(await encrypted(server, `?sslmode=verify-full${ca('server')}`)).toBe(true);
    await expect(encrypted(server, `?sslmode=verify-full${ca('other')}`)).rejects.toThrow(/certificate/);
    await expect(encrypted(server, '?sslmode=verify-full')).rejects.toThrow(/self.signed certificate/);
  });

  test('a server without TLS is rejected when TLS is required', async () => {
    await expect(encrypted(plain, '?sslmode=require')).rejects.toMatchObject({ reason: 'Unavailable' });
  });
});
