import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { controlGroupsOf } from '../../support/processes/control-group.ts';
import { processes, treeOf, type ProcessEntry } from '../../support/processes/process-tree.ts';
import { eventually } from '../../support/wait/eventually.ts';

const startedSchema = z.object({ pids: z.array(z.number()), folder: z.string() });
const keyOf = ({ pid, startedAt }: ProcessEntry): string => `${String(pid)}@${String(startedAt)}`;

let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'bench-test-'));
});
afterAll(async () => {
  await rm(temporary, { recursive: true, force: true });
});

/** A benchmark as make starts it, and everything that was ever below it. */
class RunningBench implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #seen = new Map<string, ProcessEntry>();
  readonly #watch: NodeJS.Timeout;
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | null>;

  constructor(file: string, settings: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', TMPDIR: temporary, RESULTS: temporary, ...settings },
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exited = once(this.#child, 'exit').then(() => this.#child.exitCode);
    this.#watch = setInterval(() => this.below(), 100);
  }

  /** The commands below it now. */
  below(): string[] {
    const { pid } = this.#child;
    const tree = pid === undefined ? [] : treeOf([pid]);
    for (const each of tree) this.#seen.set(keyOf(each), each);
    return tree.map(({ command }) => command);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** What it has started and is still there. */
  left(): string[] {
    return processes()
      .filter((each) => this.#seen.has(keyOf(each)) && each.state !== 'Z')
      .map(({ pid, command }) => `${command} (${String(pid)})`);
  }

  /** Everything is gone, at once or, after a kill -9, soon. */
  async expectNothingLeft(seconds = 0): Promise<void> {
    const isClean = (): boolean => this.left().length === 0 && folders().length === 0;
    if (seconds > 0) await eventually('nothing is left', seconds, isClean).catch(() => undefined);
    expect({ processes: this.left(), folders: folders() }).toEqual({ processes: [], folders: [] });
    expect(controlGroupsOf('careless')).toEqual([]);
    expect(controlGroupsOf('relay')).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}

/** What there is beside results, and the compiler's cache of `make build`. */
function folders(): string[] {
  return readdirSync(temporary).filter((name) => !name.endsWith('.json') && name !== 'node-compile-cache');
}

describe('a benchmark that cares for nothing', () => {
  const file = 'test/integration/bench/careless-main.ts';

  async function started(bench: RunningBench): Promise<z.infer<typeof startedSchema>> {
    const line = await eventually('it has started all', 20, () => /^\{.*\}$/m.exec(bench.stdout)?.[0]);
    return startedSchema.parse(JSON.parse(line));
  }

  function expectGone({ pids, folder }: z.infer<typeof startedSchema>): void {
    const alive = processes().filter(({ pid, state }) => pids.includes(pid) && state !== 'Z');
    expect(alive).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  }

  test.each([
    ['ends well', { END: 'well' }, 0, /left behind, and ended now: .*sleep/],
    ['throws', { END: 'throw' }, 1, /thrown on purpose/],
    ['has a rejection that it does not handle', { END: 'reject' }, 1, /rejected on purpose/],
    ['takes too long', { END: 'hang', LIMIT_MINUTES: '0.02' }, 1, /did not end within 0\.02 minutes/],
  ])('leaves nothing when it %s', async (_what, settings, code, said) => {
    await using bench = new RunningBench(file, settings);
    const all = await started(bench);
    expect(await bench.exited).toBe(code);
    expect(bench.stderr).toMatch(said);
    expectGone(all);
    await bench.expectNothingLeft();
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves nothing after %s', async (signal, code) => {
    await using bench = new RunningBench(file, { END: 'hang' });
    const all = await started(bench);
    bench.signal(signal);
    expect(await bench.exited).toBe(code);
    expectGone(all);
    await bench.expectNothingLeft();
  });

  test.each([
    ['is killed', 'hang', 'SIGKILL'],
    ['exits in the middle', 'exit', undefined],
  ] as const)('leaves nothing for long when it %s', async (_what, END, signal) => {
    await using bench = new RunningBench(file, { END });
    const all = await started(bench);
    if (signal !== undefined) bench.signal(signal);
    await bench.exited;
    await bench.expectNothingLeft(15);
    expectGone(all);
  });
});

describe('make bench-relay', () => {
  const settings = { HEIGHTS: '360', PATHS: 'passthrough', SECONDS: '60' };

  async function inTheMiddle(): Promise<RunningBench> {
    const bench = new RunningBench('test/bench/relay.ts', settings);
    const parts = ['ffmpeg', 'nginx', 'chromium'];
    await eventually('FFmpeg host, ingest and relay run', 45, () => {
      const below = bench.below();
      return parts.every((part) => below.some((command) => command.startsWith(part)));
    }).catch(async (error: unknown) => {
      await bench[Symbol.asyncDispose]();
      throw new Error(`${String(error)}\n${bench.stderr}`, { cause: error });
    });
    return bench;
  }

  test.each(['SIGTERM', 'SIGKILL'] as const)('leaves nothing after %s in the middle', async (signal) => {
    await using bench = await inTheMiddle();
    bench.signal(signal);
    await bench.exited;
    await bench.expectNothingLeft(signal === 'SIGKILL' ? 15 : 0);
    expect(JSON.parse(await readFile(join(temporary, 'relay.json'), 'utf8'))).toMatchObject({ rows: [] });
  });
});
