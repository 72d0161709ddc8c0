import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { appDatabase, SPECIFIED_METRICS } from '../../fixtures/app-schema.ts';

const execute = promisify(execFile);
const program = resolve(import.meta.dirname, '../../../src/main.ts');

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

async function migrate(args: readonly string[], url?: string): Promise<string> {
  const { stdout } = await execute(process.execPath, ['--no-warnings', program, 'migrate', ...args], {
    env: { PATH: process.env['PATH'], ...(url === undefined ? {} : { DATABASE_URL: url }) },
  });
  return stdout;
}

const columnsOf = async (url: string): Promise<readonly string[]> =>
  (
    await server.query(
      `select table_name || '.' || column_name || ' ' || data_type || coalesce('(' || character_maximum_length || ')', '')
         || coalesce(' default ' || column_default, '') as column
       from information_schema.columns
       where table_schema = 'public' order by table_name, ordinal_position`,
      { url },
    )
  ).map(({ column }) => String(column));

describe('livechannel migrate --sql', () => {
  test.each(['integer', 'bigint', 'uuid', 'text'])(
    'prints, without a database, statements that are accepted and then used: IDs of type %s',
    async (type) => {
      const url = await appDatabase(server, `id ${type} primary key`);
      const printed = await migrate(['--sql', '--channel-id-type', type]);
      await server.query(printed, { url });
      await server.query(printed, { url });
      const before = await columnsOf(url);
      expect(before).toContain(`stream_metrics.channel_id ${type}`);
      const said = await migrate([], url);
      expect(said).not.toMatch(/^added/m);
      expect(said).toMatch(/^stream_metrics: the app's table public\.stream_metrics is filled$/m);
      expect(await columnsOf(url)).toEqual(before);
    },
    60_000,
  );

  test('prints what livechannel migrate itself creates, with the type of the IDs in the database', async () => {
    const [own, printed] = [await appDatabase(server, 'id uuid primary key'), await appDatabase(server, 'id uuid primary key')]; // prettier-ignore
    await server.query(await migrate(['--sql'], printed), { url: printed });
    expect(await columnsOf(printed)).toContain('stream_metrics.channel_id uuid');
    expect(await migrate([], own)).toMatch(/^created public\.stream_metrics$/m);
    expect(await columnsOf(own)).toEqual(await columnsOf(printed));
  }, 60_000);

  test('prints integer IDs where nothing is known, and changes nothing', async () => {
    const url = await server.createDatabase();
    const printed = await migrate(['--sql'], url);
    expect(printed).toMatch(/channel_id integer references channels \(id\) on delete cascade,/);
    expect(printed).toBe(await migrate(['--sql']));
    expect(await columnsOf(url)).toEqual([]);
    await expect(migrate(['--sql', '--channel-id-type', 'json'])).rejects.toMatchObject({
      stderr: expect.stringMatching(/integer, bigint, uuid, text/),
    });
  }, 60_000);
});

test('a stream_metrics of another shape is named by migrate and by --status, with what to do', async () => {
  const url = await appDatabase(server, 'id integer primary key', SPECIFIED_METRICS.replace('bitrate_kbps INTEGER,', '')); // prettier-ignore
  const line =
    /^stream_metrics: the app's table public\.stream_metrics is NOT filled: column bitrate_kbps is missing\..*livechannel migrate --sql.*Samples are in livechannel\.stream_metrics$/m;
  expect(await migrate([], url)).toMatch(line);
  expect(await migrate(['--status'], url)).toMatch(line);
  await server.query('alter table stream_metrics add bitrate_kbps integer', { url });
  expect(await migrate(['--status'], url)).toMatch(/public\.stream_metrics is filled$/m);
}, 60_000);
