import { type Command, InvalidArgumentError, Option } from 'commander';
import { connect } from './connect.ts';
import { type DatabaseUrl, databaseUrlFrom, urlInFile } from './database-url.ts';
import { asStoreError, StoreError } from './errors.ts';
import { describeAppMetrics } from './app/describe-metrics.ts';
import type { AppMetricsState } from './app/app-metrics.ts';
import { appMigration } from './app/contract-sql.ts';
import {
  appMetricsStatus,
  channelIdType,
  migrate,
  type MigrationStatus,
  migrationStatus,
  requireThisVersion,
} from './migrate.ts';

/** Types of the IDs of an app's channels for which `--sql` prints statements. */
const idTypes = ['integer', 'bigint', 'uuid', 'text'] as const;

interface Flags {
  readonly sql?: true;
  readonly channelIdType?: (typeof idTypes)[number];
  readonly databaseUrlFile?: string;
  readonly status?: true;
  readonly ownSchema?: true;
  readonly appTables?: true;
  readonly wait: number;
}

/** `livechannel migrate`: updates the schema of the database, or reports its state. */
export function configure(command: Command): void {
  command
    .option(
      '--database-url-file <file>',
      'file with postgres://user:password@host:5432/database?sslmode=require (or DATABASE_URL_FILE, or DATABASE_URL)',
    )
    .option('--status', 'list applied and pending migrations without applying any')
    .option(
      '--own-schema',
      'keep all tables in the schema "livechannel", and do not use the app\'s table "channels"',
    )
    .option(
      '--app-tables',
      'use the app\'s table "channels" from now on, which did not exist at the first run',
    )
    .option(
      '--sql',
      "print the statements for the app's own migration tool, and change nothing; works without a database",
    )
    .addOption(
      new Option(
        '--channel-id-type <type>',
        'with --sql: type of channels.id (default: that of the table in the database, or integer)',
      ).choices(idTypes),
    )
    .option('--wait <seconds>', 'how long to wait for a database that is still starting', seconds, 0)
    .addHelpText(
      'after',
      '\nAll migrations run in one transaction. An existing table "channels" is used as the app\'s: those of the columns\n' +
        'stream_mode, hls_playback_url, relay_status, relay_started_at, streaming_platform and stream_key_id that are\n' +
        'missing are added to it; nothing else in it is changed. A table "stream_metrics" of the app is filled if its\n' +
        'columns are as --sql prints them; if there is none, it is created.\n' +
        '\nExit codes: 0 the schema is up to date; 1 migrations are pending (--status); 2 failure.',
    )
    .action(async (flags: Flags) => {
      try {
        process.exitCode = await run(flags, (line) => process.stdout.write(`${line}\n`));
      } catch (error) {
        process.stderr.write(`migrate: ${asStoreError('The database cannot be used', error).message}\n`);
        process.exitCode = 2;
      }
    });
}

async function run(flags: Flags, print: (line: string) => void): Promise<number> {
  const { databaseUrlFile, status, ownSchema, appTables, wait } = flags;
  const url = databaseUrlFile === undefined ? databaseUrlFrom(process.env) : urlInFile(databaseUrlFile);
  if (flags.sql === true) {
    print(appMigration(flags.channelIdType ?? (await idTypeIn(url, wait, print))).trimEnd());
    return 0;
  }
  await using db = open(url);
  const found = await reach(() => migrationStatus(db), wait, print);
  if (status === true) {
    const metrics = found.layout === undefined ? undefined : await appMetricsStatus(db, found.layout);
    for (const line of describe(found, metrics)) print(line);
    if (found.unknown.length > 0) requireThisVersion(found);
    return found.pending.length === 0 ? 0 : 1;
  }
  if (ownSchema === true && appTables === true)
    throw new StoreError('Invalid', '--own-schema and --app-tables exclude each other');
  const result = await migrate(db, {
    ownSchema: ownSchema === true,
    appTables: appTables === true,
    onRetry: print,
  });
  if (ownSchema === true && result.layout.channelsSchema !== null)
    throw new StoreError(
      'Invalid',
      "--own-schema cannot be used where the app's table channels is in use, as in this database",
    );
  for (const name of result.done) print(`applied ${name}`);
  for (const name of result.addedColumns)
    print(`added ${result.layout.channelsSchema ?? ''}.channels.${name}`);
  if (result.relocatedFrom !== undefined)
    print(`the tables of livechannel were in the schema ${result.relocatedFrom} before`);
  if (result.createdMetrics) print(`created ${result.layout.channelsSchema ?? ''}.stream_metrics`);
  for (const line of describe(result, result.appMetrics)) print(line);
  return 0;
}

/** Type of the app's channel IDs: as in its database if one is configured and has the table, else integer. */
async function idTypeIn(
  url: DatabaseUrl | undefined,
  wait: number,
  print: (line: string) => void,
): Promise<string> {
  if (url === undefined) return 'integer';
  await using db = open(url);
  return (await reach(() => channelIdType(db), wait, print)) ?? 'integer';
}

function open(url: DatabaseUrl | undefined) {
  if (url === undefined)
    throw new StoreError(
      'Invalid',
      'No database is configured: set DATABASE_URL_FILE or DATABASE_URL, or pass --database-url-file',
    );
  return connect({ url, poolSize: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 120_000 });
}

/** Retries once a second while the database is unavailable, for at most `wait` seconds. */
async function reach<T>(query: () => Promise<T>, wait: number, print: (line: string) => void): Promise<T> {
  const end = performance.now() + wait * 1_000;
  for (let attempt = 0; ; attempt++) {
    try {
      return await query();
    } catch (error) {
      const reason = asStoreError('waiting for the database', error);
      if (reason.reason === 'Invalid' || performance.now() >= end) throw error;
      if (attempt % 10 === 0) print(reason.message);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

function describe(
  { layout, applied, pending, unknown }: MigrationStatus,
  metrics: AppMetricsState | undefined,
): string[] {
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
  return [
    ...(layout === undefined
      ? []
      : [
          `tables: in the schema ${layout.schema}`,
          `channels: ${layout.channelsSchema === null ? 'table of livechannel' : `the app's table ${layout.channelsSchema}.channels`}`,
          ...(metrics === undefined ? [] : [`stream_metrics: ${describeAppMetrics(metrics, layout.schema)}`]),
        ]),
    `applied: ${list(applied)}`,
    `pending: ${list(pending)}`,
    ...(unknown.length === 0 ? [] : [`unknown to this version: ${list(unknown)}`]),
  ];
}

function seconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('must be a whole number of seconds.');
  return Number(text);
}
