import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import { eventually } from '../../support/wait/eventually.ts';

const exec = promisify(execFile);

/** Debian's postgresql-15, which the image contains; set LIVECHANNEL_POSTGRES_BIN for another version's directory. */
const programs = process.env['LIVECHANNEL_POSTGRES_BIN'] ?? '/usr/lib/postgresql/15/bin';
/** PostgreSQL refuses to run as root. */
const asServer =
  process.getuid?.() === 0
    ? ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--pdeathsig', 'INT']
    : ['--pdeathsig', 'INT'];

let folder: string;
let data: string;
let port: number;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postgres-start-'));
  data = join(folder, 'data');
  children = [];
  await writeFile(join(folder, 'password'), 'only-for-tests');
  // The server's user may not be able to read this repository.
  await copyFile('relay-image/postgres/start.sh', join(folder, 'start.sh'));
  await giveToServer();
  const [free] = await freePorts(1);
  port = free ?? 0;
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGQUIT');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
});

async function giveToServer(): Promise<void> {
  if (process.getuid?.() === 0) await exec('chown', ['-R', 'postgres:postgres', folder]);
}

/** The image's entry point. */
function start(): {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
} {
  const settings = [
    `port=${String(port)}`,
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'fsync=off',
  ];
  const child = spawn(
    'setpriv',
    [...asServer, join(folder, 'start.sh'), ...settings.flatMap((each) => ['-c', each])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: {
        PATH: `${programs}:${process.env['PATH'] ?? ''}`,
        LC_ALL: 'C.UTF-8',
        PGDATA: data,
        PASSWORD_FILE: join(folder, 'password'),
      },
    },
  );
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, said: () => said, ended };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function query(sql: string, database = 'livechannel'): Promise<unknown[]> {
  const client = new Client({
    host: folder,
    port,
    database,
    user: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const ready = (said: () => string): Promise<unknown[]> =>
  eventually(`PostgreSQL answers:\n${said()}`, 60, () => query('select 1'));

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}

describe('the entry point of the PostgreSQL image', () => {
  test('makes a database once, and keeps it', async () => {
    const first = start();
    await ready(first.said);
    await query('create table kept (id int)');
    await stop(first.child);
    const second = start();
    await ready(second.said);
    expect(await query("select to_regclass('kept')::text as name")).toEqual([{ name: 'kept' }]);
    expect(await exists(`${data}.new`)).toBe(false);
  }, 120_000);

  test('leaves a database alone whose marker is missing, and says what to do', async () => {
    const first = start();
    await ready(first.said);
    await query('create table kept (id int)');
    await stop(first.child);
    await rm(join(data, 'livechannel-ready'));
    const before = (await readdir(data)).sort();

    const second = start();
    expect(await second.ended).toBe(2);
    expect(second.said()).toContain(`create the file ${data}/livechannel-ready`);
    expect((await readdir(data)).sort()).toEqual(before);
    expect(await exists(join(data, 'global/pg_control'))).toBe(true);

    await writeFile(join(data, 'livechannel-ready'), '');
    await giveToServer();
    const third = start();
    await ready(third.said);
    expect(await query("select to_regclass('kept')::text as name")).toEqual([{ name: 'kept' }]);
  }, 120_000);

  test('starts again after it was killed while it made the database', async () => {
    const first = start();
    await eventually('initdb has begun', 30, () => exists(join(`${data}.new`, 'PG_VERSION')));
    // With initdb, as when the container is killed.
    process.kill(-(first.child.pid ?? 0), 'SIGKILL');
    await first.ended;
    expect(await exists(data)).toBe(false);
    const second = start();
    await ready(second.said);
    expect(await exists(`${data}.new`)).toBe(false);
  }, 120_000);

  test('uses an empty folder, as a volume may have one', async () => {
    await mkdir(data, { mode: 0o700 });
    await giveToServer();
    const { said } = start();
    await ready(said);
    expect(await readFile(join(data, 'PG_VERSION'), 'utf8')).toBe('15\n');
  }, 120_000);
});
