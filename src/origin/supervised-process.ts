import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import { logLines } from './log-lines.ts';
import { stopChild } from './stop-child.ts';

export interface SupervisedProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly log: Logger;
  /** Before each start: what an earlier process may have left behind. */
  readonly prepare: () => void;
  /** After each unasked end; it is started again afterwards. */
  readonly onCrash: () => void;
}

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5000;
/** A process that ran this long was well: the next restart is quick again. */
const WELL_AFTER_MS = 10_000;

/** A child process that is started again whenever it ends, until `stop`. */
export class SupervisedProcess {
  readonly #options: SupervisedProcessOptions;
  #child: ChildProcess | undefined;
  #backoffMs = FIRST_BACKOFF_MS;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
    this.#start();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#child) await stopChild(this.#child, 2000);
  }

  #start(): void {
    const { name, command, args, log, prepare, onCrash } = this.#options;
    prepare();
    // A process group of its own, so that workers that outlive their master can be ended with it.
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const startedAt = performance.now();
    this.#child = child;
    logLines(child.stderr, (line) => {
      log.warn({ process: name, line }, 'process says');
    });
    let over = false;
    const ended = (detail: object): void => {
      if (over) return;
      over = true;
      this.#child = undefined;
      endGroup(child);
      if (this.#stopped) return;
      if (performance.now() - startedAt > WELL_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
      log.error(
        { process: name, ...detail, restartInMs: this.#backoffMs },
        'process ended; it is started again',
      );
      onCrash();
      this.#timer = setTimeout(() => {
        this.#start();
      }, this.#backoffMs);
      this.#backoffMs = Math.min(this.#backoffMs * 2, MAX_BACKOFF_MS);
    };
    child.once('exit', (code, signal) => {
      ended({ code, signal });
    });
    child.once('error', (error) => {
      ended({ err: error });
    });
  }
}

/** Ends what is left of a child's process group: a worker would hold ports and pipes for ever. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}
