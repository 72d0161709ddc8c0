import { type Command, InvalidArgumentError } from 'commander';
import { connect } from './connect.ts';
import { type DatabaseUrl, databaseUrlFrom, urlInFile } from './database-url.ts';
import { asStoreError, StoreError } from './errors.ts';
import { migrate, type MigrationStatus, migrationStatus, requireThisVersion } from './migrate.ts';

interface Flags {
  readonly databaseUrlFile?: string;
  readonly status?: true;
  readonly ownSchema?: true;
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
      'on the first run: keep all tables in the schema "livechannel", and do not use the app\'s table "channels"',
    )
    .option('--wait <seconds>', 'how long to wait for a database that is still starting', seconds, 0)
    .addHelpText(
      'after',
      '\nAll migrations run in one transaction. An existing table "channels" is used as the app\'s: those of the columns\n' +
        'stream_mode, hls_playback_url, relay_status, relay_started_at, streaming_platform and stream_key_id that are\n' +
        'missing are added to it; nothing else in it is changed.\n' +
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

async function run(
  { databaseUrlFile, status, ownSchema, wait }: Flags,
  print: (line: string) => void,
): Promise<number> {
  await using db = open(
    databaseUrlFile === undefined ? databaseUrlFrom(process.env) : urlInFile(databaseUrlFile),
  );
  const found = await reach(() => migrationStatus(db), wait, print);
  if (status === true) {
    for (const line of describe(found)) print(line);
    if (found.unknown.length > 0) requireThisVersion(found);
    return found.pending.length === 0 ? 0 : 1;
  }
  const result = await migrate(db, { ownSchema: ownSchema === true, onRetry: print });
  if (ownSchema === true && result.layout.channelsSchema !== null)
    throw new StoreError(
      'Invalid',
      '--own-schema applies to the first run only; this database was migrated without it',
    );
  for (const name of result.done) print(`applied ${name}`);
  for (const name of result.addedColumns)
    print(`added ${result.layout.channelsSchema ?? ''}.channels.${name}`);
  for (const line of describe(result)) print(line);
  return 0;
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

function describe({ layout, applied, pending, unknown }: MigrationStatus): string[] {
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
  return [
    ...(layout === undefined
      ? []
      : [
          `tables: in the schema ${layout.schema}`,
          `channels: ${layout.channelsSchema === null ? 'table of livechannel' : `the app's table ${layout.channelsSchema}.channels`}`,
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
