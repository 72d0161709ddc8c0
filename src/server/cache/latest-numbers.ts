import type { ChannelId } from '../../api/channel-id.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Sample, Store } from '../../store/store.ts';
import { Poller } from './poller.ts';

const POLL_INTERVAL_MS = 5_000;
/** Older samples are considered unknown; the recorder takes one every 10 s by default. */
const MAX_SAMPLE_AGE_MS = 60_000;

/**
 * The newest sample of each channel, in memory. Without a database, or once samples are older than MAX_SAMPLE_AGE_MS,
 * numbers are unknown: null in views, never an old number or 0.
 */
export class LatestNumbers {
  readonly #namespace: string;
  readonly #clock: Clock;
  /** undefined: there is no database. */
  readonly #poller: Poller | undefined;
  readonly #subscribers = new Set<(changed: readonly ChannelId[]) => void>();
  #samples: ReadonlyMap<ChannelId, Sample> = new Map();
  #readAt: number | undefined;

  constructor({
    store,
    namespace,
    clock,
    logger,
  }: {
    readonly store: Pick<Store, 'latestSamples'> | undefined;
    readonly namespace: string;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#namespace = namespace;
    this.#clock = clock;
    this.#poller =
      store &&
      new Poller({
        ...{ clock, logger, everyMs: POLL_INTERVAL_MS },
        read: () => this.#read(store),
        failed: 'the latest samples cannot be read',
        recovered: 'the latest samples can be read again',
      });
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
    await this.#poller?.run(signal);
  }

  async #read(store: Pick<Store, 'latestSamples'>): Promise<void> {
    const since = new Date(this.#clock.now().getTime() - MAX_SAMPLE_AGE_MS);
    const samples = await store.latestSamples(this.#namespace, since);
    const next = new Map(samples.map((sample) => [sample.channelId, sample]));
    const known = this.#samples;
    this.#samples = next;
    this.#readAt = this.#clock.monotonic();
    const ids = new Set([...known.keys(), ...next.keys()]);
    const changed = [...ids].filter((id) => !sameNumbers(known.get(id), next.get(id)));
    if (changed.length > 0) for (const notify of this.#subscribers) notify(changed);
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
