import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';

/** A program that runs as our child and dies with us, however we die. */
export class Child {
  readonly #name: string;
  readonly #logFile: string;
  readonly #process: ChildProcess;

  private constructor(name: string, logFile: string, process: ChildProcess) {
    this.#name = name;
    this.#logFile = logFile;
    this.#process = process;
  }

  /** Starts a program; what it prints goes to the log file. */
  static async start(name: string, path: string, args: readonly string[], logFile: string): Promise<Child> {
    const log = await open(logFile, 'a');
    try {
      // The kernel sends the signal when the parent ends: a test run that is killed leaves nothing behind.
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', path, ...args], {
        stdio: ['ignore', log.fd, log.fd],
      });
      await once(child, 'spawn');
      return new Child(name, logFile, child);
    } finally {
      await log.close();
    }
  }

  get ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Throws, with the end of the log, when the program isn't running any more. */
  async check(): Promise<void> {
    if (!this.ended) return;
    const log = await readFile(this.#logFile, 'utf8');
    throw new Error(`${this.#name} ended; the end of ${this.#logFile}:\n${log.slice(-2000)}`);
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
