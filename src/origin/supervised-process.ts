import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import { logLines } from './log-lines.ts';
import { stopChild } from './stop-child.ts';

/** What to run. */
export interface SupervisedProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly log: Logger;
  /** Called before each start, to remove what an earlier process may have left behind. */
  readonly prepare: () => void;
  /** Called after each unexpected exit; the process is restarted afterwards. */
  readonly onCrash: () => void;
}

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5000;
/** A process that ran for this time was healthy: the next restart uses the first backoff. */
const HEALTHY_AFTER_MS = 10_000;

/** A child process that is restarted whenever it exits, until `stop`. */
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
    // A separate process group, so that workers that outlive their master can be ended with it.
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
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
      log.error(
        { process: name, ...detail, restartInMs: this.#backoffMs },
        'process exited; it will be restarted',
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

/** Kills the rest of a child's process group, because a remaining worker would keep ports and pipes open. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // No process was left.
  }
}
