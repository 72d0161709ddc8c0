import { Cgroup, type CgroupUsage } from './cgroup.ts';
import type { Clock } from '../base/clock.ts';
import type { ResourceFacts } from './facts.ts';

/** When the relay's own timer is this late, what it measures is late, too: a silent page or ingest proves little. */
export const OVERLOADED_DELAY_MS = 1_500;
const SAMPLE_INTERVAL_MS = 1_000;
/** CPU throttling is averaged over this number of samples. */
const MAX_SAMPLES = 5;
const MIB = 1_024 * 1_024;

interface Sample {
  readonly at: number;
  readonly usage: CgroupUsage;
}

/** Measures memory and CPU pressure of the container. */
export class ResourceWatch {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #cgroup: Promise<Cgroup> = Cgroup.own();
  #samples: readonly Sample[] = [];
  #late: readonly { readonly at: number; readonly ms: number }[] = [];
  #tickedAt: number | undefined;
  #sampledAt = -Infinity;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * To be called at each tick of a timer of `intervalMs`: the delay of the timer shows how short of CPU time the
   * relay is.
   */
  tick(intervalMs: number): void {
    const now = this.#clock.monotonic();
    if (this.#tickedAt !== undefined) {
      const kept = this.#late.filter(({ at }) => at > now - MAX_SAMPLES * SAMPLE_INTERVAL_MS);
      const ms = now - this.#tickedAt - intervalMs;
      this.#late = ms > intervalMs ? [...kept, { at: now, ms }] : kept;
    }
    this.#tickedAt = now;
    if (now - this.#sampledAt < SAMPLE_INTERVAL_MS) return;
    this.#sampledAt = now;
    void this.#sample();
  }

  get facts(): ResourceFacts {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    const inMiB = (bytes: number | undefined): number | undefined =>
      bytes === undefined ? undefined : bytes / MIB;
    return {
      memoryMiB: inMiB(last?.usage.workingSet),
      memoryLimitMiB: inMiB(last?.usage.memoryLimit),
      refaultsPerSecond: lastingRefaults(this.#samples),
      throttled: throttled(first, last),
      lateMs: Math.max(0, ...this.#late.map(({ ms }) => ms)),
    };
  }

  async #sample(): Promise<void> {
    const usage = await (await this.#cgroup).usage();
    this.#samples = [...this.#samples, { at: this.#clock.monotonic(), usage }].slice(-MAX_SAMPLES);
  }
}

/** The lower value of the last two seconds, because a single second with many refaults is not unusual. */
function lastingRefaults(samples: readonly Sample[]): number | undefined {
  const [first, second, third] = samples.slice(-3);
  const rates = [perSecond(first, second), perSecond(second, third)].filter((rate) => rate !== undefined);
  return rates.length < 2 ? undefined : Math.min(...rates);
}

function perSecond(before: Sample | undefined, after: Sample | undefined): number | undefined {
  const [from, to] = [before?.usage.refaults, after?.usage.refaults];
  if (before === undefined || after === undefined || from === undefined || to === undefined) return undefined;
  return ((to - from) * 1_000) / Math.max(1, after.at - before.at);
}

function throttled(first: Sample | undefined, last: Sample | undefined): number | undefined {
  const [periods0, periods] = [first?.usage.periods, last?.usage.periods];
  const [held0, held] = [first?.usage.throttledPeriods, last?.usage.throttledPeriods];
  if (periods0 === undefined || periods === undefined || held0 === undefined || held === undefined)
    return undefined;
  return periods === periods0 ? 0 : (held - held0) / (periods - periods0);
}
