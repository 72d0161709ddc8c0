import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Folders } from '../tools/folders.ts';
import type { Report } from '../tools/report.ts';
import { type Count, parseClosingLine } from './count.ts';

/**
 * Runs suites in a process of low priority beside what this one runs, and prints what they printed when all of them
 * have ended. They end with this process.
 */
export async function runBeside(folders: Folders, suites: readonly string[], report: Report): Promise<Count> {
  const file = join(folders.local, 'beside.log');
  const log = await open(file, 'w');
  const main = join(folders.checkout, 'hack/test/main.ts');
  const child = spawn(process.execPath, [main, ...suites], {
    cwd: folders.checkout,
    stdio: ['ignore', log.fd, log.fd],
    // A process group of its own, so that it can be ended with all that it has started.
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  const stop = (): void => {
    process.exit(1);
  };
  for (const signal of stopSignals) process.once(signal, stop);
  process.once('exit', end);
  try {
    await once(child, 'spawn');
    await log.close();
    if (child.pid !== undefined) await lowerPriority(child.pid);
    report(`\n==> beside the next suite: ${suites.join(', ')} (output: ${file})`);
    if (child.exitCode === null) await once(child, 'exit');
  } finally {
    process.off('exit', end);
    for (const signal of stopSignals) process.off(signal, stop);
  }
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const count = parseClosingLine(lines.at(-1) ?? '');
  report((count === undefined ? lines : lines.slice(0, -1)).join('\n'));
  // It ended before it could count.
  return count ?? { passed: 0, failed: 1 };
}

/** Without a handler, these end a process without the event 'exit'. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const lowPriority = constants.priority.PRIORITY_BELOW_NORMAL;

/**
 * Linux shares the processors between sessions first, each with a priority of its own, and then between the processes
 * of a session: sched(7), "The autogroup feature".
 */
async function lowerPriority(pid: number): Promise<void> {
  setPriority(pid, lowPriority);
  // Not there on every kernel.
  await writeFile(`/proc/${String(pid)}/autogroup`, String(lowPriority)).catch(() => undefined);
}
