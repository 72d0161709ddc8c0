import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { buildClient } from '../../../hack/build/client.ts';
import { eventually } from '../../support/wait/eventually.ts';

const stepSchema = z.looseObject({ step: z.string() });
export type Step = z.infer<typeof stepSchema>;

/** examples/live-shop in a folder of its own, with the client as an app installs it. */
export class SampleApp implements AsyncDisposable {
  readonly #folder: string;
  readonly #steps: Step[] = [];
  readonly #running: ChildProcess[] = [];
  #errors = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async install(checkout: string): Promise<SampleApp> {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-shop-'));
    await cp(join(checkout, 'examples/live-shop'), folder, {
      recursive: true,
      filter: (source) => !source.includes('node_modules'),
    });
    const modules = join(folder, 'node_modules');
    const installed = join(modules, 'livechannel-operator');
    await buildClient(checkout, join(installed, 'dist', 'client'));
    const exports = { './client': './dist/client/client.mjs' };
    await writeFile(
      join(installed, 'package.json'),
      JSON.stringify({ name: 'livechannel-operator', type: 'module', exports }),
    );
    for (const name of ['@trpc/client', '@trpc/server', 'eventsource', 'eventsource-parser']) {
      await mkdir(join(modules, name, '..'), { recursive: true });
      await symlink(join(checkout, 'node_modules', name), join(modules, name));
    }
    return new SampleApp(folder);
  }

  /** Begins a show; what it says is in `steps`. */
  start(environment: Readonly<Record<string, string>>): void {
    const child = spawn(process.execPath, ['show.ts'], {
      cwd: this.#folder,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.push(child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#steps.push(stepSchema.parse(JSON.parse(line)));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  named(name: string): readonly Step[] {
    return this.#steps.filter(({ step }) => step === name);
  }

  /** Waits for a step of this name that fits; throws at once when the app has ended without one. */
  until(
    name: string,
    seconds: number,
    fits: (step: Step, index: number) => boolean = () => true,
  ): Promise<Step> {
    return eventually(`the app's step ${name}`, seconds, () => {
      const found = this.named(name).find(fits);
      const ended = this.#running.every(({ exitCode }) => exitCode !== null);
      if (found === undefined && ended) return Promise.reject(new Error(`it has ended: ${this.#errors}`));
      return Promise.resolve(found);
    });
  }

  /** The exit code of the show that began last. */
  async ended(): Promise<{ readonly code: number | null; readonly errors: string }> {
    const child = this.#running.at(-1);
    if (child?.exitCode === null) await once(child, 'exit');
    return { code: child?.exitCode ?? null, errors: this.#errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}
