import type { LiveChannel } from '../../api/live-channel.ts';
import type { Clock } from '../../base/clock.ts';
import type { ObjectRef } from '../../kube/resource.ts';
import type { Sample } from '../../store/store.ts';
import { shardByUid } from './shard.ts';
import { isSampled, takeSample, type Seen } from './take-sample.ts';

/** Number of turns in an interval; a channel always has the same turn. */
const TURNS_PER_INTERVAL = 50;
/** Two samples that are further apart than this number of intervals have a gap between them. */
export const GAP_INTERVALS = 2.5;

/** A channel, what was observed of it, and its sample. */
export interface SampledChannel {
  readonly channel: LiveChannel;
  readonly at: Date;
  readonly seen: Seen;
  readonly sample: Sample | undefined;
}

export interface SamplerOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly channels: {
    get(ref: ObjectRef): LiveChannel | undefined;
    list(): readonly LiveChannel[];
  };
  /** Reads from memory: no request is sent for a sample. */
  readonly see: (channel: LiveChannel, now: Date) => Seen;
  /** Called for every channel once per interval, without a sample if there is nothing to observe. Must not block. */
  readonly onSampled: (sampled: SampledChannel) => void;
}

/** Takes a sample of each channel once per interval. */
export class Sampler {
  readonly #options: SamplerOptions;
  /** Time of the last sample by channel uid, in Unix milliseconds (wall clock, as in samples). */
  #last = new Map<string, number>();

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    let begin = this.#options.clock.monotonic();
    while (!signal.aborted) begin = await this.#round(begin, signal);
  }

  /** Runs the interval that starts at `begin`; resolves to the start of the next (monotonic clock). */
  async #round(begin: number, signal: AbortSignal): Promise<number> {
    const { clock, channels, intervalMs } = this.#options;
    const all = channels.list();
    this.#forgetOthers(all);
    let at = begin;
    for (const turn of shardByUid(all, ({ metadata }) => metadata.uid, TURNS_PER_INTERVAL)) {
      await this.#until(at, signal);
      if (signal.aborted) return at;
      for (const { metadata } of turn) this.#take(metadata);
      at += intervalMs / TURNS_PER_INTERVAL;
    }
    await this.#until(at, signal);
    // Intervals missed while the process was paused are skipped, because nothing was observed in them.
    return clock.monotonic() - at > intervalMs ? clock.monotonic() : at;
  }

  #take(ref: ObjectRef & { readonly uid: string }): void {
    const { clock, channels, see, onSampled } = this.#options;
    const channel = channels.get(ref); // may have changed since it was listed
    if (channel?.metadata.uid !== ref.uid) return;
    const at = clock.now();
    const seen = see(channel, at);
    onSampled({
      channel,
      at,
      seen,
      sample: isSampled(channel, seen) ? this.#sample(channel, seen, at) : undefined,
    });
  }

  #sample(channel: LiveChannel, seen: Seen, at: Date): Sample {
    const { uid } = channel.metadata;
    const afterGap = this.#isGap(this.#last.get(uid), at.getTime());
    this.#last.set(uid, at.getTime());
    return takeSample(channel, seen, at, afterGap);
  }

  /** A wall clock that was set back counts as a gap, because the time between the samples is unknown. */
  #isGap(last: number | undefined, now: number): boolean {
    return last === undefined || now <= last || now - last > GAP_INTERVALS * this.#options.intervalMs;
  }

  #forgetOthers(all: readonly LiveChannel[]): void {
    this.#last = new Map(
      all.flatMap(({ metadata: { uid } }) => {
        const last = this.#last.get(uid);
        return last === undefined ? [] : [[uid, last]];
      }),
    );
  }

  #until(at: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const delay = at - clock.monotonic();
    // Sleeps even when late, so that other work of this process can run.
    return clock.sleep(Math.max(0, delay), signal);
  }
}
