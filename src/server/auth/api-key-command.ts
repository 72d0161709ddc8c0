import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { errorMessage } from '../../base/error-text.ts';
import { alignedLines } from '../../base/text-table.ts';
import { databaseUrlFrom, urlInFile } from '../../store/database-url.ts';
import { openStore } from '../../store/postgres-store.ts';
import type { ApiKeyRecord } from '../../store/store.ts';
import { scopes, type Scope } from '../service.ts';
import { ApiKeyAdmin } from './api-key-admin.ts';
import type { MadeKey } from './create-api-key.ts';
import { apiKeyNameSchema } from '../contract/api-keys.ts';
import { UserError } from '../../base/errors.ts';

interface Flags {
  readonly databaseUrlFile?: string;
  readonly json?: true;
}

/** `livechannel api-key`: API keys of the service. A key is printed to stdout, once; everything else to stderr. */
export function configure(command: Command): void {
  command.addHelpText(
    'after',
    '\nScopes: playback (playback URLs and status), operate (also everything about channels), admin (also costs).\n' +
      'Exit codes: 0 success; 2 failure.',
  );
  withCommon(command.command('create'))
    .description('create a key; it is printed once and cannot be retrieved later')
    .requiredOption('--name <text>', "name of the key's owner", nameOf)
    .addOption(new Option('--scope <scope>', 'scope to grant').choices(scopes).makeOptionMandatory())
    .option('--expires <duration>', 'lifetime of the key, e.g. 12h or 90d (default: unlimited)', milliseconds)
    .action(
      reportErrors(
        async (
          flags: Flags & { readonly name: string; readonly scope: Scope; readonly expires?: number },
        ) => {
          const { name, scope, expires: lifeMs } = flags;
          print(await withKeys(flags, (keys) => keys.create({ name, scope, lifeMs })), flags);
        },
      ),
    );
  withCommon(command.command('list'))
    .description('list keys, without their secrets')
    .action(
      reportErrors(async (flags: Flags) => {
        const records = await withKeys(flags, (keys) => keys.list());
        process.stdout.write(flags.json === true ? asJson(records) : asTable(records, new Date()));
      }),
    );
  withCommon(command.command('rotate'))
    .description('create a replacement for a key; the old key stays valid for the overlap')
    .argument('<id>', 'id of the key: lc_ID_…')
    .addOption(
      new Option('--overlap <duration>', 'how long the old key stays valid')
        .argParser(milliseconds)
        .default(24 * 3_600_000, '24h'),
    )
    .action(
      reportErrors(async (id: string, flags: Flags & { readonly overlap: number }) => {
        await withKeys(flags, async (keys) => {
          const { made, endOld } = await keys.rotate(id);
          // Printed before anything else, because a failure before it would lose the key.
          print(made, flags);
          note(`Key ${id} remains valid until ${(await endOld(flags.overlap)).toISOString()}.`);
        });
      }),
    );
  withCommon(command.command('revoke'))
    .description('revoke a key; the service rejects it within seconds')
    .argument('<id>', 'id of the key: lc_ID_…')
    .action(
      reportErrors(async (id: string, flags: Flags) => {
        await withKeys(flags, (keys) => keys.revoke(id));
        note(`Key ${id} has been revoked.`);
      }),
    );
}

function withCommon(command: Command): Command {
  return command
    .option(
      '--database-url-file <file>',
      'file with postgres://user:password@host:5432/database (or DATABASE_URL_FILE, or DATABASE_URL)',
    )
    .option('--json', 'print JSON')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

async function withKeys<T>({ databaseUrlFile }: Flags, work: (keys: ApiKeyAdmin) => Promise<T>): Promise<T> {
  const url = databaseUrlFile === undefined ? databaseUrlFrom(process.env) : urlInFile(databaseUrlFile);
  if (url === undefined)
    throw new UserError('No database is configured. Set DATABASE_URL or DATABASE_URL_FILE.');
  await using store = openStore({ url, poolSize: 1 });
  return await work(new ApiKeyAdmin(store, { now: () => new Date(), random: randomBytes }));
}

/** Reports every failure in one sentence, with exit code 2. */
function reportErrors<A extends readonly unknown[]>(
  action: (...given: A) => Promise<void>,
): (...given: A) => Promise<void> {
  return async (...given) => {
    try {
      await action(...given);
    } catch (error) {
      note(`api-key: ${errorMessage(error)}`);
      process.exitCode = 2;
    }
  };
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(made: MadeKey, { json }: Flags): void {
  if (json === true) {
    process.stdout.write(asJson(made));
    return;
  }
  const end = made.expiresAt === undefined ? 'does not expire' : `expires ${made.expiresAt.toISOString()}`;
  note(`API key ${made.id} (${made.name}), scope ${made.scopes.join(', ')}, ${end}. It is shown only once:`);
  process.stdout.write(`${made.key}\n`);
}

function asJson(value: MadeKey | readonly ApiKeyRecord[]): string {
  const shown = 'key' in value ? value : value.map(({ hash: _, ...rest }) => rest);
  return `${JSON.stringify(shown, null, 2)}\n`;
}

function asTable(records: readonly ApiKeyRecord[], now: Date): string {
  const rows = records.map((key) => [
    key.id,
    key.scopes.join(','),
    stateOf(key, now),
    key.expiresAt?.toISOString() ?? '-',
    key.lastUsedAt?.toISOString() ?? '-',
    key.name,
  ]);
  const header = ['ID', 'SCOPE', 'STATE', 'EXPIRES', 'LAST USED', 'NAME'];
  return `${alignedLines([header, ...rows]).join('\n')}\n`;
}

function stateOf({ revokedAt, expiresAt }: ApiKeyRecord, now: Date): string {
  if (revokedAt !== undefined) return 'revoked';
  return expiresAt !== undefined && expiresAt <= now ? 'expired' : 'valid';
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const duration = Number(number) * (unitMs[unit] ?? NaN);
  if (Number.isNaN(duration)) throw new InvalidArgumentError('must be a duration such as 30m, 12h or 90d.');
  return duration;
}

/** Validates a name, which is shown in terminals: one line without control characters. */
function nameOf(text: string): string {
  if (!apiKeyNameSchema.safeParse(text).success)
    throw new InvalidArgumentError('must be 1 to 100 characters on one line.');
  return text;
}
