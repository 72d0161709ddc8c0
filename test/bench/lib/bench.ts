import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePrograms, type ProgramName } from '../../../hack/test/programs.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { Reaper } from './reaper.ts';
import {
  numberSetting,
  readSettings,
  textSetting,
  type Setting,
  type Settings,
  type SettingValues,
} from './settings.ts';

/** The definition of a benchmark. */
export interface BenchDefinition<S extends Settings> {
  /** Names its file, its make target `bench-NAME` and its results `bench-results/NAME.json`. */
  readonly name: string;
  /** One or two sentences for --help. */
  readonly summary: string;
  readonly settings: S;
  /** What is installed or built before it starts. */
  readonly needs: (settings: SettingValues<S>) => readonly ProgramName[];
  /** Time limit with the given settings; a benchmark that exceeds it has failed. */
  readonly limitMinutes: (settings: SettingValues<S>) => number;
  /**
   * A make target that removes what outlives the benchmark's processes. It always runs, however the benchmark ends.
   */
  readonly afterwards?: string;
}

export interface Bench<S extends Settings> {
  readonly settings: SettingValues<S>;
  /** Reports progress. */
  report(line: string): void;
  /** Writes bench-results/NAME.json and replaces earlier results. */
  write(results: object): Promise<void>;
  /**
   * Installs the requirements, runs the benchmark, ends everything it has started, and exits: with 0, with 1 when it
   * threw or exceeded its time limit, or with 128 plus the signal's number.
   */
  run(main: () => Promise<void>): Promise<never>;
}

/** Settings of all benchmarks. */
const commonSettings = {
  RESULTS: textSetting('bench-results', 'directory of the results'),
  LIMIT_MINUTES: numberSetting(Infinity, 'time limit in minutes; default: computed from the other settings'),
};

/** The limit of Node timers: some 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Entry point of every benchmark: reads its settings, handles --help, and returns what runs it.
 *
 * @example
 *   const bench = openBench({ name: 'api', settings: { ROUNDS: ... }, needs: () => ['ffmpeg'], ... });
 *   await bench.run(async () => { ...; await bench.write({ rows }); });
 */
export function openBench<S extends Settings>(definition: BenchDefinition<S>): Bench<S> {
  const { name, afterwards } = definition;
  const target = `bench-${name}`;
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const report = (line: string): void => {
    say(`${target}: ${line}`);
  };
  const fail = (error: unknown): never => {
    report(textOf(error));
    process.exit(1);
  };
  const { help } = argumentsOf(fail);
  if (help === true) {
    process.stdout.write(helpText(definition));
    process.exit(0);
  }
  let settings: SettingValues<S>;
  let limitMinutes: number;
  try {
    settings = readSettings(definition.settings, process.env);
    const given = process.env['LIMIT_MINUTES'] ?? '';
    limitMinutes =
      given === '' ? definition.limitMinutes(settings) : commonSettings.LIMIT_MINUTES.parse(given);
  } catch (error) {
    return fail(error);
  }
  let hasWritten = false;
  return {
    settings,
    report,
    async write(results) {
      const { RESULTS } = readSettings({ RESULTS: commonSettings.RESULTS }, process.env);
      const folder = resolve(foldersFrom(process.env).checkout, RESULTS);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
      hasWritten = true;
    },
    async run(main) {
      // Until here a signal ends this process immediately; apt-get continues until it is done, as it must.
      await ensurePrograms(`make ${target}`, definition.needs(settings), say).catch((error: unknown) => {
        say(textOf(error));
        process.exit(1);
      });
      const end = Promise.withResolvers<number>();
      let isOver = false;
      const finish = (code: number, why?: string): void => {
        if (isOver) return; // later failures are caused by the shutdown itself
        isOver = true;
        if (why !== undefined) report(why);
        end.resolve(code);
      };
      const failed = (error: unknown): void => {
        finish(1, textOf(error));
      };
      process.on('uncaughtException', failed).on('unhandledRejection', failed);
      const reaper = await Reaper.start(`${name}-${randomBytes(4).toString('hex')}`, afterwards).catch(fail);
      for (const [signal, code] of Object.entries(signals))
        process.on(signal, () => {
          finish(code, `${signal}: ending all processes of the benchmark`);
        });
      const late = setTimeout(
        () => {
          failed(new Error(`did not end within ${String(limitMinutes)} minutes (LIMIT_MINUTES)`));
        },
        Math.min(limitMinutes * 60_000, LONGEST_TIMER_MS),
      );
      main().then(() => {
        if (hasWritten) finish(Number(process.exitCode ?? 0));
        else finish(1, 'the benchmark wrote no results');
      }, failed);
      const code = await end.promise;
      clearTimeout(late);
      const left = await reaper.reap();
      // Only a benchmark that ended by itself should have ended everything it started.
      if (code === 0 && left.length > 0) report(`left behind, and ended now: ${left.join(', ')}`);
      process.exit(code);
    },
  };
}

function argumentsOf(fail: (error: unknown) => never): { help?: boolean | undefined } {
  try {
    return parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    return fail(error);
  }
}

function helpText<S extends Settings>(definition: BenchDefinition<S>): string {
  const { name, summary, afterwards } = definition;
  const all = { ...definition.settings, ...commonSettings };
  const width = Math.max(...Object.keys(all).map(({ length }) => length));
  const lines = Object.entries<Setting<unknown>>(all).map(([variable, { help, otherwise }]) => {
    const shown = otherwise === '' || otherwise === String(Infinity) ? '' : ` (default ${otherwise})`;
    return `  ${variable.padEnd(width)}  ${help}${shown}`;
  });
  const needs = definition.needs(readSettings(definition.settings, {}));
  return [
    `make bench-${name} [VARIABLE=value ...]\n`,
    `${summary}\n`,
    ...['Variables:', ...lines, ''],
    needs.length === 0
      ? 'Needs no other software.'
      : `Needs: ${needs.join(', ')}. Missing software is installed first.`,
    ...(afterwards === undefined ? [] : [`Runs make ${afterwards} at the end.`]),
    `Results: bench-results/${name}.json\n`,
  ].join('\n');
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env['BENCH_VERBOSE'] ? (error.stack ?? error.message) : error.message;
}
