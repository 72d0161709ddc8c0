import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlGroup } from '../../support/processes/control-group.ts';
import type { RunningPath } from '../lib/measured.ts';
import { treeOf } from '../../support/processes/process-tree.ts';

const STOP_MS = 2_000;

/** The processes of another way to the ingest, with a folder of their own. */
export class Rival implements RunningPath {
  readonly folder: string;
  readonly #group: ControlGroup | undefined;
  readonly #children: ChildProcess[] = [];
  readonly #others: AsyncDisposable[] = [];

  private constructor(folder: string, group: ControlGroup | undefined) {
    this.folder = folder;
    this.#group = group;
  }

  /** `build` starts the processes; what it has started is ended when it fails. */
  static async start(
    group: ControlGroup | undefined,
    build: (rival: Rival) => Promise<void>,
  ): Promise<Rival> {
    const rival = new Rival(await mkdtemp(join(tmpdir(), 'bench-rival-')), group);
    try {
      await build(rival);
      return rival;
    } catch (error) {
      await rival[Symbol.asyncDispose]();
      throw error;
    }
  }

  get roots(): readonly number[] {
    return this.#children.flatMap(({ pid }) => pid ?? []);
  }

  run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const [file, all] = this.#group?.wrap(command, args) ?? [command, [...args]];
    const child = spawn(file, all, {
      stdio: ['ignore', 'ignore', process.env['BENCH_VERBOSE'] ? 'inherit' : 'ignore'],
      env: { ...process.env, HOME: this.folder, TMPDIR: this.folder, ...environment },
    });
    this.#children.push(child);
    return child;
  }

  /** Ends with the rival. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#others.push(resource);
    return resource;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = treeOf(this.roots).map(({ pid }) => pid);
    for (const child of this.#children.toReversed()) child.kill('SIGTERM');
    for (let waited = 0; waited < STOP_MS && this.#children.some(isRunning); waited += 50) await pause(50);
    const left = treeOf(this.roots).map(({ pid }) => pid);
    for (const pid of new Set([...left, ...all.filter((each) => (this.#group?.pids ?? []).includes(each))])) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    for (const other of this.#others) await other[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
