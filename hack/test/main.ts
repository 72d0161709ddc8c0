/**
 * Runs test suites one after the other and adds up their results:
 * node hack/test/main.ts SUITE... [--beside SUITE...] [-- JEST_ARGUMENTS]
 *
 * Those after --beside run, at low priority, while the last of those before it runs: the end-to-end tests wait for a
 * cluster half of their time. Their output is printed when each of them has ended.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { errorMessage } from '../../src/base/error-text.ts';
import { foldersFrom } from '../tools/folders.ts';
import { parseArguments } from './arguments.ts';
import { runBeside } from './beside.ts';
import { addedUp, closingLine, type Count } from './count.ts';
import {
  type FileCount,
  filesToRepeat,
  parseJestReport,
  unsteadyFiles,
  withSecondRun,
} from './jest-report.ts';
import { ensurePrograms } from './programs.ts';

const folders = foldersFrom(process.env);
const jest = join(folders.checkout, 'node_modules/jest/bin/jest.js');
const say = (text: string): void => {
  console.log(text);
};

/** Runs a command on this terminal. Returns its exit code. */
function call(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folders.checkout, stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

const make = async (target: string): Promise<void> => {
  if ((await call('make', ['--no-print-directory', target])) !== 0) throw new Error(`make ${target} failed`);
};

/** Runs one jest project. */
async function runJest(project: string, args: readonly string[]): Promise<Count> {
  return addedUp(await runFiles(project, args));
}

/**
 * Runs tests that meet deadlines of real parts. A file that fails, or two, run once more alone, so that a moment in
 * which the machine stood still does not fail the run. One that only then passes is named: it is to be mended.
 */
async function runTimed(project: string, args: readonly string[]): Promise<Count> {
  const first = await runFiles(project, args);
  const repeated = filesToRepeat(first);
  if (repeated.length === 0) return addedUp(first);
  say(`\n==> once more, alone: ${repeated.map(shown).join(', ')}`);
  const second = await runFiles(project, ['--runInBand', '--runTestsByPath', ...repeated]);
  for (const file of unsteadyFiles(first, second)) say(`unsteady, passed only alone: ${shown(file)}`);
  return withSecondRun(first, second);
}

const shown = (file: string): string => relative(folders.checkout, file);

async function runFiles(project: string, args: readonly string[]): Promise<readonly FileCount[]> {
  const file = join(folders.local, `jest-${project}.json`);
  await rm(file, { force: true });
  const report = ['--json', `--outputFile=${file}`, '--testLocationInResults=false'];
  const code = await call(process.execPath, [
    ...['--experimental-vm-modules', '--no-warnings', jest, '--selectProjects', project],
    ...[...report, ...args],
  ]);
  const text = await readFile(file, 'utf8').catch(() => '');
  const counts = text === '' ? [] : parseJestReport(text);
  // jest itself has failed.
  if (code !== 0 && addedUp(counts).failed === 0) return [...counts, { file: '', passed: 0, failed: 1 }];
  return counts;
}

/** Integration tests with four browsers that play at the same time: alone. */
const inFourBrowsers = 'test/integration/web/player-(channel|playback|recovery)';
/**
 * Integration tests that move media by the clock: more of them at once would disturb each other. The others wait for
 * servers most of the time, so that more of them than cores run at once.
 */
const byTheClock = 'test/integration/(relay|origin|lifecycle|bench|web)/';

const suites: Record<string, (args: readonly string[]) => Promise<Count>> = {
  async check() {
    const code = await call('make', ['--no-print-directory', 'check']);
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  },
  async unit(args) {
    // A few of them read video that FFmpeg has encoded.
    await ensurePrograms('the unit tests', ['ffmpeg'], say);
    return runJest('unit', args);
  },
  web: (args) => runJest('web', args),
  async integration(args) {
    // Before the tests, which would be slowed down by it.
    await ensurePrograms(
      'the integration tests',
      [
        'ffmpeg',
        'chromium',
        'otherBrowsers',
        'ingest',
        'postgres',
        'apiServer',
        'helm',
        'toxiproxy',
        'python',
        'images',
      ],
      say,
    );
    if (args.length > 0) return runTimed('integration', ['--maxWorkers=2', ...args]);
    return addedUp([
      await runTimed('integration', ['--runInBand', '--testPathPatterns', inFourBrowsers]),
      await runTimed('integration', [
        ...['--maxWorkers=2', '--testPathPatterns', byTheClock],
        ...['--testPathIgnorePatterns', inFourBrowsers],
      ]),
      await runTimed('integration', ['--maxWorkers=4', '--testPathIgnorePatterns', byTheClock]),
    ]);
  },
  /** A part of the integration tests, run for longer: see the target test-api-contract. */
  async 'api-contract'(args) {
    await ensurePrograms('make test-api-contract', ['python'], say);
    const tests = ['--runInBand', '--testPathPatterns', 'test/integration/server/rest-contract'];
    return runJest('integration', [...tests, ...args]);
  },
  async e2e(args) {
    await ensurePrograms(
      'the end-to-end tests',
      ['ffmpeg', 'chromium', 'otherBrowsers', 'ingest', 'postgres', 'probe'],
      say,
    );
    // One of them is stopped on purpose. make exports an empty string for a setting that is not set.
    if ((process.env['NODES'] ?? '') === '') process.env['NODES'] = '2';
    await make('ready-cluster');
    try {
      return await runTimed('e2e', ['--runInBand', ...args]);
    } finally {
      await make('cluster-down');
    }
  },
};

const { front, beside, jestArguments } = parseArguments(process.argv.slice(2));
await mkdir(folders.local, { recursive: true });
const counts: Count[] = [];
for (const [index, name] of front.entries()) {
  const last = index === front.length - 1;
  counts.push(
    ...(await Promise.all([
      runSuite(name),
      ...(last && beside.length > 0 ? [runBeside(folders, beside, say)] : []),
    ])),
  );
}
const total = addedUp(counts);
say(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function runSuite(name: string): Promise<Count> {
  const started = performance.now();
  say(`\n==> ${name}`);
  const count = await (suites[name] ?? (() => Promise.reject(new Error(`there is no suite "${name}"`))))(
    jestArguments,
  ).catch((error: unknown): Count => {
    say(`${name}: ${errorMessage(error)}`);
    return { passed: 0, failed: 1 };
  });
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  say(`==> ${name}: ${closingLine(count)} (${seconds} s)`);
  return count;
}
