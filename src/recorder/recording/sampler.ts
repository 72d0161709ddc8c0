import type { LiveChannel } from '../../api/live-channel.ts';
import type { Clock } from '../../base/clock.ts';
import type { ObjectRef } from '../../kube/resource.ts';
import type { Sample } from '../../store/store.ts';
import { shardByUid } from './shard.ts';
import { isSampled, takeSample, type Seen } from './take-sample.ts';

/** An interval has so many turns; each channel's is always the same. */
const turnsOfRound = 50;
/** Two samples that are further apart than so many intervals have a gap between them. */
const gapIntervals = 2.5;

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
  /** Answers from memory: nothing is asked for a sample. */
  readonly see: (channel: LiveChannel, now: Date) => Seen;
  /** For every channel, once in an interval; without a sample where there is nothing to see. Returns at once. */
  readonly onSampled: (sampled: SampledChannel) => void;
}

/** Takes a sample of each channel once in an interval. */
export class Sampler {
  readonly #options: SamplerOptions;
  /** By channel uid: when it was sampled last, in milliseconds of the wall clock, as samples have it. */
  #last = new Map<string, number>();

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    let begin = this.#options.clock.monotonic();
    while (!signal.aborted) begin = await this.#round(begin, signal);
  }

  /** One interval, from `begin` on; resolves to the beginning of the next. */
  async #round(begin: number, signal: AbortSignal): Promise<number> {
    const { clock, channels, intervalMs } = this.#options;
    const all = channels.list();
    this.#forgetOthers(all);
    let at = begin;
    for (const turn of shardByUid(all, ({ metadata }) => metadata.uid, turnsOfRound)) {
      await this.#until(at, signal);
      if (signal.aborted) return at;
      for (const { metadata } of turn) this.#take(metadata);
      at += intervalMs / turnsOfRound;
    }
    await this.#until(at, signal);
    // After a pause of the process the rounds that were missed are not made up for: nothing was seen.
    return clock.monotonic() - at > intervalMs ? clock.monotonic() : at;
  }

  #take(ref: ObjectRef & { readonly uid: string }): void {
    const { clock, channels, see, onSampled } = this.#options;
    const channel = channels.get(ref); // as it is by now
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

  /** Also where the wall clock was set back: what lies between is no time that can be reckoned with. */
  #isGap(last: number | undefined, now: number): boolean {
    return last === undefined || now <= last || now - last > gapIntervals * this.#options.intervalMs;
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
    // Also when it is late: others of this process have their turn in between.
    return clock.sleep(Math.max(0, delay), signal);
  }
}
