import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Resource usage of the container as the kernel counts it, from cgroups version 1 or 2. A value that the kernel does
 * not report is undefined.
 */
export interface CgroupUsage {
  /**
   * Memory in use except inactive file pages, which can be reclaimed at once, in bytes. It is what `kubectl top`
   * shows.
   */
  readonly workingSet: number | undefined;
  readonly memoryLimit: number | undefined;
  /** Number of file pages so far that were reclaimed and then read again (memory.stat, workingset_refault_file). */
  readonly refaults: number | undefined;
  /** Number of enforcement periods of the CPU limit so far, and in how many of them the container was throttled. */
  readonly periods: number | undefined;
  readonly throttledPeriods: number | undefined;
}

/** "No limit" is a word in version 2 and a number near 2^63 in version 1. */
const NO_LIMIT_BYTES = 2 ** 60;
const CGROUP_ROOT = '/sys/fs/cgroup';

/** Reads the memory and CPU counters of one cgroup. */
export class Cgroup {
  readonly #memory: string;
  readonly #cpu: string;
  readonly #version: 1 | 2;

  private constructor(version: 1 | 2, memory: string, cpu: string) {
    this.#version = version;
    this.#memory = memory;
    this.#cpu = cpu;
  }

  /** The cgroup of this process. */
  static async own(): Promise<Cgroup> {
    const lines = (await read('/proc/self/cgroup')).split('\n').map((line) => line.split(':'));
    const path = (controller: string): string =>
      lines.find(([, names]) => names?.split(',').includes(controller))?.[2] ?? '/';
    if ((await read(join(CGROUP_ROOT, 'cgroup.controllers'))) !== '') {
      const folder = await existing(CGROUP_ROOT, path(''), 'memory.stat');
      return new Cgroup(2, folder, folder);
    }
    return new Cgroup(
      1,
      await existing(join(CGROUP_ROOT, 'memory'), path('memory'), 'memory.stat'),
      await existing(join(CGROUP_ROOT, 'cpu'), path('cpu'), 'cpu.stat'),
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
      memoryLimit: max < NO_LIMIT_BYTES ? max : undefined,
      // Before Linux 5.9 there was a single count for all kinds of pages.
      refaults:
        field(memory, `${total}workingset_refault_file`) ?? field(memory, `${total}workingset_refault`),
      periods: field(cpu, 'nr_periods'),
      throttledPeriods: field(cpu, 'nr_throttled'),
    };
  }
}

/** The folder of the cgroup. In a container that sees the node's paths, that folder is mounted at the root. */
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
