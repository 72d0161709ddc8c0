import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the kernel counts for the container; undefined where it does not say. Both versions of cgroups. */
export interface CgroupUsage {
  /** Without what could be given back at once (inactive file pages): what `kubectl top` shows. Bytes. */
  readonly workingSet: number | undefined;
  readonly memoryLimit: number | undefined;
  /** Pages of files so far that were given up and then needed again (memory.stat, workingset_refault_file). */
  readonly refaults: number | undefined;
  /** Periods of the CPU limit so far, and in how many of them it held the container back. */
  readonly periods: number | undefined;
  readonly throttledPeriods: number | undefined;
}

/** No limit is written as a word in version 2 and as a number near 2^63 in version 1. */
const NO_LIMIT = 2 ** 60;
const ROOT = '/sys/fs/cgroup';

export class Cgroup {
  readonly #memory: string;
  readonly #cpu: string;
  readonly #version: 1 | 2;

  private constructor(version: 1 | 2, memory: string, cpu: string) {
    this.#version = version;
    this.#memory = memory;
    this.#cpu = cpu;
  }

  /** The one that this process is in. */
  static async own(): Promise<Cgroup> {
    const lines = (await read('/proc/self/cgroup')).split('\n').map((line) => line.split(':'));
    const path = (controller: string): string =>
      lines.find(([, names]) => names?.split(',').includes(controller))?.[2] ?? '/';
    if ((await read(join(ROOT, 'cgroup.controllers'))) !== '') {
      const folder = await existing(ROOT, path(''), 'memory.stat');
      return new Cgroup(2, folder, folder);
    }
    return new Cgroup(
      1,
      await existing(join(ROOT, 'memory'), path('memory'), 'memory.stat'),
      await existing(join(ROOT, 'cpu'), path('cpu'), 'cpu.stat'),
    );
  }

  async usage(): Promise<CgroupUsage> {
    const [used, limit, memory, cpu] = await Promise.all([
      read(join(this.#memory, this.#version === 2 ? 'memory.current' : 'memory.usage_in_bytes')),
      read(join(this.#memory, this.#version === 2 ? 'memory.max' : 'memory.limit_in_bytes')),
      read(join(this.#memory, 'memory.stat')),
      read(join(this.#cpu, 'cpu.stat')),
    ]);
    const total = this.#version === 2 ? '' : 'total_';
    const inactive = field(memory, `${total}inactive_file`);
    const max = /^\d+\s*$/.test(limit) ? Number(limit) : Infinity;
    return {
      workingSet: used === '' ? undefined : Math.max(0, Number(used) - (inactive ?? 0)),
      memoryLimit: max < NO_LIMIT ? max : undefined,
      // Before Linux 5.9 there was one count, for all kinds of pages.
      refaults:
        field(memory, `${total}workingset_refault_file`) ?? field(memory, `${total}workingset_refault`),
      periods: field(cpu, 'nr_periods'),
      throttledPeriods: field(cpu, 'nr_throttled'),
    };
  }
}

/** A container that sees the node's paths has its own folder mounted at the root. */
async function existing(root: string, path: string, file: string): Promise<string> {
  const folder = join(root, path);
  return (await read(join(folder, file))) === '' ? root : folder;
}

function field(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
