import type { Clock } from '../../base/clock.ts';
import { OutageLog, type OutageLogOptions } from './outage-log.ts';

export interface PollerOptions extends OutageLogOptions {
  readonly everyMs: number;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly read: () => Promise<void>;
  /** Whether a read is due, at each interval; default: always. */
  readonly isNeeded?: () => boolean;
  /** Called at each interval after the read, also if it failed. */
  readonly polled?: () => void;
}

/** Reads from the database at an interval. A failure is logged once, and what was read before stays. */
export class Poller {
  readonly #options: PollerOptions;
  readonly #outage: OutageLog;
  #reading: Promise<void> | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#outage = new OutageLog(options);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs, isNeeded, polled } = this.#options;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      if (isNeeded?.() ?? true) await this.poll();
      polled?.();
      await clock.sleep(everyMs, signal);
    }
  }

  /** Reads now, or joins the read that is under way. Never rejects. */
  async poll(): Promise<void> {
    this.#reading ??= this.#outage.run(this.#options.read).finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }
}
