import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc/PID/stat shows it (proc(5)). */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Z: it has ended and nobody has asked for its exit code. */
  readonly state: string;
  readonly command: string;
  /** Of itself and of the children whose exit codes it has asked for. */
  readonly cpuSeconds: number;
  /** Clock ticks after the machine's start: tells it from a later process with the same id. */
  readonly startedAt: number;
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Every process of the machine; those that end while they are read are left out. */
export function processes(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = textOf(`/proc/${name}/stat`);
    const [, command, rest] = /^\d+ \((.*)\) (.*)/s.exec(stat) ?? [];
    if (command === undefined || rest === undefined) return [];
    const fields = rest.split(' ');
    // Fields 14 to 17 of proc(5), of which the first after the name is the third.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return [
      {
        pid: Number(name),
        parent: Number(fields[1]),
        state: fields[0] ?? '',
        command,
        cpuSeconds: ticks / ticksPerSecond,
        startedAt: Number(fields[19]),
      },
    ];
  });
}

/** `NAME=value` each; empty where the process is gone, or is another user's. */
export function environmentOf(pid: number): string[] {
  return textOf(`/proc/${String(pid)}/environ`).split('\0');
}

/** The processes of these and all below them. */
export function treeOf(roots: readonly number[], all: readonly ProcessEntry[] = processes()): ProcessEntry[] {
  const byParent = Map.groupBy(all, ({ parent }) => parent);
  const below = (pid: number): ProcessEntry[] =>
    (byParent.get(pid) ?? []).flatMap((child) => [child, ...below(child.pid)]);
  return roots.flatMap((root) => [...all.filter(({ pid }) => pid === root), ...below(root)]);
}

export interface TreeFigures {
  /** All that the tree has used so far, also the part of it that has ended. */
  readonly cpuSeconds: number;
  /** Proportional set size: what is shared is divided among those who share it. */
  readonly pssMiB: number;
  readonly processes: number;
}

export function treeFigures(roots: readonly number[]): TreeFigures {
  const tree = treeOf(roots);
  return {
    cpuSeconds: tree.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    pssMiB: tree.reduce((sum, { pid }) => sum + pssKiB(pid), 0) / 1_024,
    processes: tree.length,
  };
}

/**
 * What each program of the tree has used so far: `chromium:renderer`, `ffmpeg`. Processes that have ended are in the
 * figures of those that asked for their exit codes.
 */
export function cpuByProgram(roots: readonly number[]): Map<string, number> {
  const used = new Map<string, number>();
  for (const { pid, command, cpuSeconds } of treeOf(roots)) {
    const line = textOf(`/proc/${String(pid)}/cmdline`);
    // Chromium writes its arguments into one string, with or without the NULs between them.
    const role =
      /--utility-sub-type=[a-z_]+\.mojom\.(\w+)/.exec(line)?.[1] ?? /--type=([\w-]+)/.exec(line)?.[1];
    const name =
      command.startsWith('chrom') || role !== undefined ? `chromium:${role ?? 'browser'}` : command;
    used.set(name, (used.get(name) ?? 0) + cpuSeconds);
  }
  return used;
}

function pssKiB(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(textOf(`/proc/${String(pid)}/smaps_rollup`))?.[1] ?? 0);
}

/** Empty where the process is gone. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
