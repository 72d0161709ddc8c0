import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { WillNotHappenError } from './wait-until.ts';

export interface ProgramOptions {
  /** Whether it goes on when we end. Otherwise the kernel kills it as soon as we do, however we end. */
  readonly outlivesUs: boolean;
  /** Default: ours. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A program that we started, and that prints into a log file. */
export class Program {
  readonly #name: string;
  readonly #logFile: string;
  readonly #process: ChildProcess;

  private constructor(name: string, logFile: string, process: ChildProcess) {
    this.#name = name;
    this.#logFile = logFile;
    this.#process = process;
  }

  static async start(
    name: string,
    command: readonly string[],
    logFile: string,
    options: ProgramOptions,
  ): Promise<Program> {
    const [path = '', ...args] = options.outlivesUs
      ? command
      : ['setpriv', '--pdeathsig', 'KILL', '--', ...command];
    const log = await open(logFile, 'a');
    try {
      const child = spawn(path, args, {
        stdio: ['ignore', log.fd, log.fd],
        detached: options.outlivesUs,
        ...(options.outlivesUs && { cwd: '/' }),
        ...(options.environment !== undefined && { env: options.environment }),
      });
      await once(child, 'spawn');
      if (options.outlivesUs) child.unref();
      return new Program(name, logFile, child);
    } finally {
      await log.close();
    }
  }

  get ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Throws, with the end of the log, when the program isn't running any more: for probes that wait for it. */
  async check(): Promise<void> {
    if (!this.ended) return;
    const log = await readFile(this.#logFile, 'utf8');
    throw new WillNotHappenError(`${this.#name} ended; the end of ${this.#logFile}:\n${log.slice(-2000)}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends the program at once and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.ended) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
