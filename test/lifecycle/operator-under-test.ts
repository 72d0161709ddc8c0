import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { join } from 'node:path';

const stopWithinMs = 30_000;

export interface OperatorUnderTestOptions {
  readonly kubeconfigPath: string;
  readonly scale: number;
  readonly epoch: Date;
  readonly settings: Readonly<Record<string, string>>;
  /** The log of all its processes, one after the other. */
  readonly logPath: string;
}

/** The operator as a process that can be killed and restarted. */
export class OperatorUnderTest implements AsyncDisposable {
  readonly #options: OperatorUnderTestOptions;
  #child: ChildProcess | undefined;
  crashes = 0;

  constructor(options: OperatorUnderTestOptions) {
    this.#options = options;
  }

  /** Why it exited unexpectedly. */
  get ended(): string | undefined {
    const { exitCode } = this.#child ?? {};
    return exitCode === null || exitCode === undefined
      ? undefined
      : `the operator exited with ${String(exitCode)}`;
  }

  start(): void {
    const { kubeconfigPath, scale, epoch, settings, logPath } = this.#options;
    const log = openSync(logPath, 'a');
    const main = join(import.meta.dirname, 'operator-main.ts');
    this.#child = spawn(process.execPath, [main, kubeconfigPath, String(scale), epoch.toISOString()], {
      env: { PATH: process.env['PATH'], ...settings },
      stdio: ['pipe', log, log],
    });
    closeSync(log);
  }

  /** As if its node lost power. */
  async crash(): Promise<void> {
    await this.#end('SIGKILL');
    this.crashes += 1;
  }

  /** Returns its exit code; null when it had to be killed. */
  stop(): Promise<number | null> {
    const child = this.#child;
    const late = setTimeout(() => child?.kill('SIGKILL'), stopWithinMs);
    return this.#end('SIGTERM').finally(() => {
      clearTimeout(late);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end('SIGKILL').then(() => undefined);
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}
