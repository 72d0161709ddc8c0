/**
 * Runs test suites one after the other and adds up their results:
 * node hack/test/main.ts SUITE... [--beside SUITE...] [-- JEST_ARGUMENTS]
 *
 * Those after --beside run, at low priority, while the last of those before it runs: the end-to-end tests wait for a
 * cluster half of their time. Their output is printed when each of them has ended.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorMessage } from '../../src/base/error-text.ts';
import { foldersFrom } from '../tools/folders.ts';
import { parseArguments } from './arguments.ts';
import { runBeside } from './beside.ts';
import { addedUp, closingLine, type Count } from './count.ts';
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

const jestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
});

/** Runs one jest project. A file that cannot be loaded counts as a failed test. */
async function runJest(project: string, args: readonly string[]): Promise<Count> {
  const file = join(folders.local, `jest-${project}.json`);
  await rm(file, { force: true });
  const report = ['--json', `--outputFile=${file}`, '--testLocationInResults=false'];
  const code = await call(process.execPath, [
    ...['--experimental-vm-modules', '--no-warnings', jest, '--selectProjects', project],
    ...[...report, ...args],
  ]);
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text === '') return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = jestReport.parse(JSON.parse(text));
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
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
    if (args.length > 0) return runJest('integration', ['--maxWorkers=2', ...args]);
    return addedUp([
      await runJest('integration', ['--runInBand', '--testPathPatterns', inFourBrowsers]),
      await runJest('integration', [
        ...['--maxWorkers=2', '--testPathPatterns', byTheClock],
        ...['--testPathIgnorePatterns', inFourBrowsers],
      ]),
      await runJest('integration', ['--maxWorkers=4', '--testPathIgnorePatterns', byTheClock]),
    ]);
  },
  /** A part of the integration tests, run for longer: see the target test-api-contract. */
  async 'api-contract'(args) {
    await ensurePrograms('make test-api-contract', ['python'], say);
    const tests = ['--runInBand', '--testPathPatterns', 'test/integration/server/rest-contract'];
    return runJest('integration', [...tests, ...args]);
  },
  async e2e(args) {
    await ensurePrograms('the end-to-end tests', ['ffmpeg', 'chromium', 'ingest', 'postgres', 'probe'], say);
    // One of them is stopped on purpose. make exports an empty string for a setting that is not set.
    if ((process.env['NODES'] ?? '') === '') process.env['NODES'] = '2';
    await make('ready-cluster');
    try {
      return await runJest('e2e', ['--runInBand', ...args]);
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
