import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { errorMessage } from '../base/error-text.ts';
import { alignedLines } from '../base/text-table.ts';
import { compareHour, gigabytesPerHour } from './compare-hour.ts';
import { builtInPrices } from './list-prices.ts';
import { parsePrices, PricesError } from './parse-prices.ts';
import { ivsChannelTypes, listPrices, microDollars, type PricedPlatform } from './price-book.ts';
import { priceRows } from './price-rows.ts';
import { simulateAuto, simulateStatic, type SimulationResult } from './simulate.ts';
import { parseTrace, TraceError } from './trace.ts';
import {
  breakEvenViewers,
  hourlyRates,
  type AgoraTier,
  type Prices,
  type HourlyRates,
} from './viewer-prices.ts';
import { providers, type Provider } from '../api/streaming-platform.ts';
import { resolutions, type AutoStreamMode, type Resolution } from '../api/values.ts';

const tiers: readonly AgoraTier[] = ['interactive', 'broadcast'];
/** Providers with list prices; the others cost what their operator pays. */
const platformNames: readonly Provider[] = providers.filter((each) => listPrices[each] !== undefined);

interface Flags {
  readonly json?: true;
  readonly prices?: string;
  readonly resolution: Resolution;
  readonly agora?: AgoraTier;
  readonly ivsChannelType: (typeof ivsChannelTypes)[number];
  readonly platform?: readonly Provider[];
}

interface CompareFlags extends Flags {
  readonly viewers: readonly number[];
  readonly cdnUsdPerGb?: number;
  readonly bitrateKbps?: number;
}

/** Configures `livechannel costs`, which computes the costs of audiences. It needs no cluster. */
export function configure(command: Command): void {
  command.addHelpText('after', '\nExit codes: 0 success; 2 invalid file or option.');
  withCommon(command.command('simulate'))
    .description('compare the costs of an audience on Agora only, on HLS, and with streamMode auto')
    .argument(
      '<trace.csv>',
      'columns second,viewers: number of viewers from that second on; the last row ends the trace',
    )
    .action(reportErrors(async (file: string, flags: Flags) => simulate(file, flags)));
  withCommon(command.command('break-even'))
    .description('number of viewers from which HLS is cheaper than Agora')
    .action(reportErrors(async (flags: Flags) => breakEven(flags)));
  withCommon(command.command('compare'))
    .description('what an hour of a show costs on Agora and on each platform: host, relay and viewers')
    .addOption(
      new Option('--viewers <numbers>', 'comma-separated numbers of viewers')
        .argParser(numbersOf)
        .default([100, 1_000], '100,1000'),
    )
    .option(
      '--cdn-usd-per-gb <usd>',
      'what traffic of the origin costs, which has no list price (default: not included)',
      positiveNumber,
    )
    .option(
      '--bitrate-kbps <kbps>',
      'what a viewer of the origin receives (default: 1200, 2500 or 4500, by resolution)',
      positiveNumber,
    )
    .action(reportErrors(async (flags: CompareFlags) => compare(flags)));
  withCommon(command.command('prices'))
    .description('the price book, in US dollars per hour, with its sources')
    .action(reportErrors(async (flags: Flags) => showPrices(flags)));
}

function withCommon(command: Command): Command {
  return command
    .option('--json', 'print JSON')
    .option('--prices <file>', 'price book that overrides the built-in one (docs/channels/costs.md)')
    .addOption(
      new Option('--resolution <lines>', 'resolution that viewers receive')
        .choices(resolutions)
        .default('720p'),
    )
    .addOption(
      new Option(
        '--agora <tier>',
        "Agora's price tier for viewers (default: that of the price book)",
      ).choices(tiers),
    )
    .addOption(
      new Option('--ivs-channel-type <type>', 'channel type of Amazon IVS')
        .choices(ivsChannelTypes)
        .default('STANDARD'),
    )
    .option(
      '--platform <name>',
      `one of ${platformNames.join(', ')}; may be repeated (default: all)`,
      platformOf,
    )
    .exitOverride(({ exitCode, code }) => {
      // Every invalid use of the command exits with the same code.
      process.exit(exitCode === 0 || code.startsWith('commander.help') ? 0 : 2);
    });
}

function platformOf(name: string, before: readonly Provider[] = []): readonly Provider[] {
  const known = platformNames.find((each) => each === name);
  if (known === undefined) throw new InvalidArgumentError(`Must be one of ${platformNames.join(', ')}.`);
  return [...before, known];
}

/** Video and audio of one viewer, in kbit/s: what sellers' cameras typically send at that resolution. */
const typicalKbps: Readonly<Record<Resolution, number>> = { '480p': 1_200, '720p': 2_500, '1080p': 4_500 };
const MAX_VIEWERS = 100_000_000;

function numbersOf(text: string): readonly number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.some((each) => !Number.isInteger(each) || each < 0 || each > MAX_VIEWERS))
    throw new InvalidArgumentError(`Must be whole numbers from 0 to ${MAX_VIEWERS}, such as 100,1000.`);
  return numbers;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0 || value > 1_000_000)
    throw new InvalidArgumentError('Must be a number from 0 to 1000000.');
  return value;
}

interface ModeLine {
  readonly mode: AutoStreamMode | 'auto';
  readonly platform: Provider | null;
  readonly usd: number;
  readonly switches: number;
}

async function simulate(file: string, flags: Flags): Promise<void> {
  const trace = parseTrace(await textOf(file, TraceError), file);
  const all = await rivalsOf(flags);
  const line = (mode: ModeLine['mode'], platform: Provider | null, outcome: SimulationResult): ModeLine => ({
    mode,
    platform,
    usd: outcome.microDollars / 1_000_000,
    switches: outcome.switches,
  });
  // Costs on Agora do not depend on the platform.
  const [[, first] = []] = all;
  const modes: readonly ModeLine[] = [
    ...(first === undefined ? [] : [line('agora-only', null, simulateStatic(trace, 'agora-only', first))]),
    ...all.map(([name, each]) => line('hybrid', name, simulateStatic(trace, 'hybrid', each))),
    ...all.map(([name, each]) => line('auto', name, simulateAuto(trace, each))),
  ];
  if (flags.json === true) {
    print({ modes });
    return;
  }
  const agora = modes[0]?.usd ?? 0;
  const rows = modes.map(({ mode, platform, usd, switches }) => [
    mode,
    platform ?? '',
    usd.toFixed(2),
    agora > 0 ? `${((usd / agora) * 100).toFixed(1)}%` : '',
    String(switches),
  ]);
  process.stdout.write(table(['MODE', 'PLATFORM', 'USD', 'OF AGORA ONLY', 'SWITCHES'], rows));
}

async function breakEven(flags: Flags): Promise<void> {
  const all = await rivalsOf(flags);
  const platforms = all.map(([platform, each]) => ({ platform, viewers: breakEvenViewers(each) ?? null }));
  if (flags.json === true) {
    const agora = flags.agora ?? (await pricesOf(flags)).common.tier;
    print({ resolution: flags.resolution, agora, platforms });
    return;
  }
  const rows = platforms.map(({ platform, viewers }) => [
    platform,
    viewers === null ? 'never' : String(viewers),
  ]);
  process.stdout.write(table(['PLATFORM', 'VIEWERS'], rows));
}

async function compare(flags: CompareFlags): Promise<void> {
  const { common } = await pricesOf(flags);
  const { viewers, cdnUsdPerGb, resolution, bitrateKbps = typicalKbps[resolution] } = flags;
  const traffic = microDollars((cdnUsdPerGb ?? 0) * gigabytesPerHour(bitrateKbps));
  const platforms = (await rivalsOf(flags)).map(
    ([name, rates]) =>
      [name, name === 'origin' ? { ...rates, hlsViewer: rates.hlsViewer + traffic } : rates] as const,
  );
  const isWithoutTraffic = (where: string): boolean => where === 'origin' && cdnUsdPerGb === undefined;
  const hours = compareHour(platforms, common.agoraHost, viewers);
  if (flags.json === true) {
    const agora = flags.agora ?? common.tier;
    const rows = hours.map(({ where, viewers: number, microDollars: cost, saved }) => ({
      where,
      viewers: number,
      usd: cost / 1_000_000,
      saved,
    }));
    print({ resolution, agora, hours: rows });
    return;
  }
  const rows = hours.map(({ where, viewers: number, microDollars: cost, saved }) => [
    String(number),
    isWithoutTraffic(where) ? 'origin, without traffic' : where,
    (cost / 1_000_000).toFixed(2),
    where === 'agora' || isWithoutTraffic(where) ? '' : `${Math.round(saved * 100)}%`,
  ]);
  process.stdout.write(table(['VIEWERS', 'WHERE', 'USD PER HOUR', 'SAVED'], rows));
}

async function showPrices(flags: Flags): Promise<void> {
  const prices = await pricesOf(flags);
  const { resolution } = flags;
  const specs = (flags.platform ?? platformNames).map((name) => platformSpec(name, flags));
  const rows = priceRows(prices, specs, resolution);
  if (flags.json === true) {
    print({ version: prices.version, resolution, prices: rows });
    return;
  }
  const lines = rows.map(({ what, usd, region, fromHours, asOf, source }) => [
    what,
    String(usd),
    region ?? '',
    fromHours === null ? '' : `from ${fromHours} h`,
    asOf,
    source,
  ]);
  process.stdout.write(
    `Version ${prices.version}, ${resolution}, US dollars per hour\n\n` +
      table(['WHAT', 'USD', 'REGION', 'MONTHLY VOLUME', 'AS OF', 'SOURCE'], lines),
  );
}

async function rivalsOf(flags: Flags): Promise<readonly (readonly [Provider, HourlyRates])[]> {
  const prices = await pricesOf(flags);
  return (flags.platform ?? platformNames).flatMap((name) => {
    const { resolution, agora: tier } = flags;
    const found = hourlyRates(prices, { platform: platformSpec(name, flags), resolution, tier });
    return found === undefined ? [] : [[name, found] as const];
  });
}

function platformSpec(provider: Provider, { ivsChannelType }: Flags): PricedPlatform {
  return provider === 'ivs' ? { provider, ivs: { channelType: ivsChannelType } } : { provider };
}

async function pricesOf({ prices: file }: Flags): Promise<Prices> {
  if (file === undefined) return builtInPrices;
  return parsePrices(await textOf(file, PricesError), file, builtInPrices);
}

async function textOf(file: string, Failure: new (message: string) => Error): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${errorMessage(error)}`);
  }
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${alignedLines([header, ...rows], '   ').join('\n')}\n`;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Prints errors in files to stderr, without a stack trace, and sets exit code 2. */
function reportErrors<A extends unknown[]>(
  work: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await work(...args);
    } catch (error) {
      if (!(error instanceof TraceError || error instanceof PricesError)) throw error;
      process.stderr.write(`costs: ${error.message}\n`);
      process.exitCode = 2;
    }
  };
}
