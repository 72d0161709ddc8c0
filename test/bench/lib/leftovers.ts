import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { controlGroupsOf } from '../../support/processes/control-group.ts';
import { environmentOf, processes, treeOf, type ProcessEntry } from '../../support/processes/process-tree.ts';
import { runVariable } from '../../support/processes/run-name.ts';

/** One run of a benchmark. */
export interface Run {
  readonly name: string;
  /** Its temporary files. */
  readonly folder: string;
  /** The process that started it all; its pid may be another one's after it has ended. */
  readonly bench: Pick<ProcessEntry, 'pid' | 'startedAt'>;
}

/** What ends by itself does so within this, e.g. Chromium's helpers after Chromium. */
const PATIENCE_MS = 500;
/** After SIGTERM, before SIGKILL. */
const GRACE_MS = 3_000;
/** After SIGKILL, before giving up. */
const LAST_MS = 5_000;
const EVERY_MS = 50;

/**
 * Ends all processes of the run but the benchmark itself, by their ids, and removes control groups and temporary files.
 * Gives the commands of those that did not end by themselves.
 */
export async function endLeftovers(run: Run): Promise<string[]> {
  const known = new Set<string>();
  const started = performance.now();
  const signalled = new Map<string, string>();
  for (;;) {
    const elapsed = performance.now() - started;
    const left = processesOf(run, known);
    if (left.length === 0 || elapsed > PATIENCE_MS + GRACE_MS + LAST_MS) break;
    const isHard = elapsed > PATIENCE_MS + GRACE_MS;
    for (const each of left) {
      const key = keyOf(each);
      if (elapsed < PATIENCE_MS || (!isHard && signalled.has(key))) continue;
      signalled.set(key, `${each.command} (${String(each.pid)})`);
      signal(each.pid, isHard ? 'SIGKILL' : 'SIGTERM');
    }
    await pause(EVERY_MS);
  }
  for (const group of controlGroupsOf(run.name)) await group[Symbol.asyncDispose]();
  await rm(run.folder, { recursive: true, force: true, maxRetries: 10 });
  return [...signalled.values()];
}

/**
 * What carries the run's name, is in one of its control groups, or is below one of these or the benchmark, and what was
 * when last looked (`known`, which is added to): a process may lose its parent and hide its environment, but then it
 * was seen before.
 */
export function processesOf({ name, bench }: Run, known = new Set<string>()): ProcessEntry[] {
  const all = processes();
  const members = new Set(controlGroupsOf(name).flatMap(({ pids }) => pids));
  const isBench = (each: ProcessEntry): boolean => keyOf(each) === keyOf(bench);
  const isOurs = (each: ProcessEntry): boolean =>
    isBench(each) ||
    known.has(keyOf(each)) ||
    members.has(each.pid) ||
    environmentOf(each.pid).includes(`${runVariable}=${name}`);
  const roots = all.filter(isOurs).map(({ pid }) => pid);
  const found = new Map(treeOf(roots, all).map((each) => [each.pid, each]));
  const ours = [...found.values()].filter(
    (each) => each.pid !== process.pid && !isBench(each) && each.state !== 'Z',
  );
  for (const each of ours) known.add(keyOf(each));
  return ours;
}

function keyOf({ pid, startedAt }: Pick<ProcessEntry, 'pid' | 'startedAt'>): string {
  return `${String(pid)}@${String(startedAt)}`;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
