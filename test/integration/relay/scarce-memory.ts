import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../support/wait/eventually.ts';

const execute = promisify(execFile);
const MIB = 1_024 * 1_024;
const ROOT = '/sys/fs/cgroup';

/** The memory of a control group by its name: what of it is used for what, and how much there is. */
export class GroupMemory {
  readonly #folder: string;
  readonly #version: 1 | 2;

  constructor(name: string) {
    this.#version = existsSync(join(ROOT, 'cgroup.controllers')) ? 2 : 1;
    this.#folder = join(ROOT, ...(this.#version === 2 ? [name] : ['memory', name]));
  }

  /** Without swap this much has to be in memory; all else can be read back. */
  async unevictableMiB(): Promise<number> {
    const names = this.#version === 2 ? ['anon', 'shmem', 'kernel'] : ['total_rss', 'total_shmem'];
    const kernel = this.#version === 2 ? 0 : Number(await this.#read('memory.kmem.usage_in_bytes'));
    const stat = await this.#read('memory.stat');
    const bytes = names.map((name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0));
    return bytes.reduce((sum, each) => sum + each, kernel) / MIB;
  }

  /** Pages of files so far that were given up and then needed again. */
  async refaults(): Promise<number> {
    const stat = await this.#read('memory.stat');
    return Number(
      /^(?:total_)?workingset_refault(?:_file)? (\d+)$/m.exec(this.#hierarchical(stat))?.[1] ?? 0,
    );
  }

  /** How often the kernel has ended a process of the group for want of memory. */
  async killed(): Promise<number> {
    const counts = await this.#read(this.#version === 2 ? 'memory.events' : 'memory.oom_control');
    return Number(/^oom_kill (\d+)$/m.exec(counts)?.[1] ?? 0);
  }

  /** undefined: as much as there is. */
  async limit(mib: number | undefined): Promise<void> {
    const none = this.#version === 2 ? 'max' : '-1';
    const text = mib === undefined ? none : String(Math.round(mib) * MIB);
    const file = join(this.#folder, this.#version === 2 ? 'memory.max' : 'memory.limit_in_bytes');
    // Version 1 refuses what it cannot make room for at once.
    const write = (): Promise<boolean> =>
      writeFile(file, text).then(
        () => true,
        () => false,
      );
    await eventually(`the group has a limit of ${text} bytes`, 20, write);
  }

  /** Of version 1, what counts for the group and all below it. */
  #hierarchical(stat: string): string {
    const lines = stat.split('\n');
    return this.#version === 2 ? stat : lines.filter((line) => line.startsWith('total_')).join('\n');
  }

  async #read(file: string): Promise<string> {
    return readFile(join(this.#folder, file), 'utf8').catch(() => '');
  }
}

/** Node and Chromium as files that no other process has in memory, as on a node with one relay. */
export interface OwnPrograms extends AsyncDisposable {
  readonly node: string;
  readonly chromium: string;
}

/**
 * A page of a file is counted in the group that reads it first. Of the machine's own Node and Chromium, other groups
 * hold the pages, and no want of memory in a group of ours would touch them.
 */
export async function ownPrograms(chromium: string): Promise<OwnPrograms> {
  const folder = await mkdtemp(join(tmpdir(), 'livechannel-own-programs-'));
  const node = join(folder, 'node');
  await cp(await realpath(process.execPath), node);
  const browser = join(folder, 'chromium');
  await mkdir(browser);
  for (const file of browserFiles) await cp(join(dirname(chromium), file), join(browser, file));
  // Written to disk and forgotten (posix_fadvise).
  for (const file of [node, ...browserFiles.map((each) => join(browser, each))]) {
    await execute('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
  }
  return {
    node,
    chromium: join(browser, 'chromium-headless-shell'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const browserFiles = [
  'chromium-headless-shell',
  ...['headless_lib_data.pak', 'headless_lib_strings.pak', 'headless_command_resources.pak'],
  ...['icudtl.dat', 'v8_context_snapshot.bin', 'snapshot_blob.bin', 'libEGL.so', 'libGLESv2.so'],
];
