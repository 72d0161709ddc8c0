import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runVariable } from './run-name.ts';

const root = '/sys/fs/cgroup';
/** With version 1 each controller has its own hierarchy. */
const controllers = ['memory', 'cpuacct', 'cpu'] as const;
/** Twentieths of a second. */
const TRIES = 100;
const PERIOD_US = 100_000;

/**
 * A control group for what is measured: it knows what its processes have used, also those that have ended or were
 * given another parent. Versions 1 and 2 (Linux, Documentation/admin-guide/cgroup-v{1,2}).
 */
export class ControlGroup implements AsyncDisposable {
  readonly #folders: readonly string[];

  private constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** undefined where this user may not make one. */
  static create(name = nextName()): ControlGroup | undefined {
    const folders = parents().map((parent) => join(parent, name));
    const isV2 = folders.length === 1;
    try {
      for (const folder of folders) mkdirSync(folder);
      // On version 2 a group's controllers may not be handed down to it.
      if (isV2 && !existsSync(join(folders[0] ?? '', 'memory.stat'))) throw new Error('no memory controller');
      return new ControlGroup(folders);
    } catch {
      for (const folder of folders.filter((each) => existsSync(each))) rmdirSync(folder);
      return undefined;
    }
  }

  /** One that was created before. */
  static of(name: string): ControlGroup {
    return new ControlGroup(
      parents()
        .map((parent) => join(parent, name))
        .filter((folder) => existsSync(folder)),
    );
  }

  /** A command line that runs another one in the group. */
  wrap(command: string, args: readonly string[]): [string, string[]] {
    const enter = this.#folders.map((folder) => `echo $$ > ${folder}/cgroup.procs`).join(' && ');
    return ['/bin/sh', ['-c', `${enter} && exec "$0" "$@"`, command, ...args]];
  }

  get cpuSeconds(): number {
    const usage = this.#read('cpuacct.usage');
    if (usage !== undefined) return Number(usage) / 1e9;
    return Number(/usage_usec (\d+)/.exec(this.#read('cpu.stat') ?? '')?.[1] ?? 0) / 1e6;
  }

  /** What Kubernetes counts: usage without the page cache that could be given back at once. */
  get workingSetMiB(): number {
    const usage = Number(this.#read('memory.usage_in_bytes') ?? this.#read('memory.current') ?? 0);
    const stat = this.#read('memory.stat') ?? '';
    const inactive = /^total_inactive_file (\d+)/m.exec(stat) ?? /^inactive_file (\d+)/m.exec(stat);
    return Math.max(0, usage - Number(inactive?.[1] ?? 0)) / (1 << 20);
  }

  /** No more than so many cores from now on; undefined: as many as there are. */
  limitCpu(cores: number | undefined): void {
    const quota = cores === undefined ? undefined : String(Math.round(cores * PERIOD_US));
    const v2 = this.#path('cpu.max');
    if (v2 !== undefined) writeFileSync(v2, `${quota ?? 'max'} ${String(PERIOD_US)}`);
    const v1 = this.#path('cpu.cfs_quota_us');
    if (v1 !== undefined) writeFileSync(v1, quota ?? '-1');
  }

  get pids(): number[] {
    return (this.#read('cgroup.procs') ?? '').split('\n').filter(Boolean).map(Number);
  }

  /** Its processes should have ended: they are waited for, and those that are left after that are killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let tries = 0; this.pids.length > 0 && tries < TRIES; tries++) {
      if (tries > TRIES / 2) this.pids.forEach(killIfThere);
      await pause(50);
    }
    for (const folder of this.#folders) if (existsSync(folder)) rmdirSync(folder);
  }

  #read(file: string): string | undefined {
    const path = this.#path(file);
    return path === undefined ? undefined : readFileSync(path, 'utf8');
  }

  #path(file: string): string | undefined {
    return this.#folders.map((folder) => join(folder, file)).find((each) => existsSync(each));
  }
}

/** Those that a run of a benchmark has created and not removed. */
export function controlGroupsOf(run: string): ControlGroup[] {
  const names = parents().flatMap((parent) => (existsSync(parent) ? readdirSync(parent) : []));
  return [...new Set(names)]
    .filter((name) => name.startsWith(prefixOf(run)))
    .map((name) => ControlGroup.of(name));
}

let counter = 0;

function nextName(): string {
  return `${prefixOf(process.env[runVariable] ?? String(process.pid))}${String(counter++)}`;
}

function prefixOf(run: string): string {
  return `livechannel-bench-${run}-`;
}

function parents(): string[] {
  const isV2 = existsSync(join(root, 'cgroup.controllers'));
  return isV2 ? [root] : controllers.map((controller) => join(root, controller));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
