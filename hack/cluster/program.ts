import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { WillNotHappenError } from './wait-until.ts';

export interface ProgramOptions {
  /** Whether it keeps running when this process ends. Otherwise the kernel kills it then, however this process ends. */
  readonly outlivesUs: boolean;
  /** Default: that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A program that was started here and that writes to a log file. */
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

  /** Throws, with the end of the log, if the program has ended: for probes that wait for it. */
  async check(): Promise<void> {
    if (!this.ended) return;
    const log = await readFile(this.#logFile, 'utf8');
    throw new WillNotHappenError(`${this.#name} ended; the end of ${this.#logFile}:\n${log.slice(-2000)}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Kills the program and waits until it has ended. */
  async kill(): Promise<void> {
    if (this.ended) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
