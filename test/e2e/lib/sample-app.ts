import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { InstalledApp } from '../../support/client/installed-app.ts';
import { eventually } from '../../support/wait/eventually.ts';

const stepSchema = z.looseObject({ step: z.string() });
export type Step = z.infer<typeof stepSchema>;

/** A copy of examples/live-shop in its own directory, with the packed client installed as an app installs it. */
export class SampleApp implements AsyncDisposable {
  readonly #app: InstalledApp;
  readonly #steps: Step[] = [];
  readonly #running: ChildProcess[] = [];
  #errors = '';

  private constructor(app: InstalledApp) {
    this.#app = app;
  }

  static async install(): Promise<SampleApp> {
    return new SampleApp(await InstalledApp.ofExample('examples/live-shop', { omitDev: true }));
  }

  /** Starts a show; its output is collected in `steps`. */
  start(environment: Readonly<Record<string, string>>): void {
    const child = spawn(process.execPath, ['show.ts'], {
      cwd: this.#app.folder,
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

  /** Waits for a matching step of this name; throws as soon as the app has exited without one. */
  until(
    name: string,
    seconds: number,
    fits: (step: Step, index: number) => boolean = () => true,
  ): Promise<Step> {
    return eventually(`step ${name} of the app`, seconds, () => {
      const found = this.named(name).find(fits);
      const ended = this.#running.every(({ exitCode }) => exitCode !== null);
      if (found === undefined && ended)
        return Promise.reject(new Error(`the app has exited: ${this.#errors}`));
      return Promise.resolve(found);
    });
  }

  /** The exit code of the latest show. */
  async ended(): Promise<{ readonly code: number | null; readonly errors: string }> {
    const child = this.#running.at(-1);
    if (child?.exitCode === null) await once(child, 'exit');
    return { code: child?.exitCode ?? null, errors: this.#errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    await this.#app[Symbol.asyncDispose]();
  }
}
