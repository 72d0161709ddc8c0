import type { ChannelId } from '../../api/channel-id.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Sample, Store } from '../../store/store.ts';

const POLL_INTERVAL_MS = 5_000;
/** Older samples are considered unknown; the recorder takes one every 10 s by default. */
const MAX_SAMPLE_AGE_MS = 60_000;

/**
 * The newest sample of each channel, in memory. Without a database, or once samples are older than MAX_SAMPLE_AGE_MS,
 * numbers are unknown: null in views, never an old number or 0.
 */
export class LatestNumbers {
  readonly #store: Pick<Store, 'latestSamples'> | undefined;
  readonly #namespace: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #subscribers = new Set<(changed: readonly ChannelId[]) => void>();
  #samples: ReadonlyMap<ChannelId, Sample> = new Map();
  #failing = false;
  #readAt: number | undefined;

  constructor(parts: {
    readonly store: Pick<Store, 'latestSamples'> | undefined;
    readonly namespace: string;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#store = parts.store;
    this.#namespace = parts.namespace;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  of(id: ChannelId): Sample | undefined {
    const sample = this.#samples.get(id);
    if (sample === undefined) return undefined;
    return this.#clock.now().getTime() - sample.at.getTime() > MAX_SAMPLE_AGE_MS ? undefined : sample;
  }

  /** Calls `subscriber` with the ids of channels whose numbers changed; returns a function that unsubscribes. */
  subscribe(subscriber: (changed: readonly ChannelId[]) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Seconds since the last successful read; undefined before the first. */
  ageSeconds(): number | undefined {
    return this.#readAt === undefined ? undefined : (this.#clock.monotonic() - this.#readAt) / 1_000;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#store === undefined) return;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      await this.#poll(this.#store);
      await this.#clock.sleep(POLL_INTERVAL_MS, signal);
    }
  }

  async #poll(store: Pick<Store, 'latestSamples'>): Promise<void> {
    const since = new Date(this.#clock.now().getTime() - MAX_SAMPLE_AGE_MS);
    try {
      const samples = await store.latestSamples(this.#namespace, since);
      const next = new Map(samples.map((sample) => [sample.channelId, sample]));
      const known = this.#samples;
      this.#samples = next;
      this.#readAt = this.#clock.monotonic();
      if (this.#failing) this.#logger.info({}, 'the database is available again');
      this.#failing = false;
      const ids = new Set([...known.keys(), ...next.keys()]);
      const changed = [...ids].filter((id) => !sameNumbers(known.get(id), next.get(id)));
      if (changed.length > 0) for (const notify of this.#subscribers) notify(changed);
    } catch (error) {
      if (!this.#failing) this.#logger.warn({ err: error }, 'the latest samples cannot be read');
      this.#failing = true;
    }
  }
}

function sameNumbers(a: Sample | undefined, b: Sample | undefined): boolean {
  return (
    a?.agoraViewers === b?.agoraViewers &&
    a?.hlsViewers === b?.hlsViewers &&
    a?.bitrateKbps === b?.bitrateKbps &&
    a?.relayHealth === b?.relayHealth
  );
}
