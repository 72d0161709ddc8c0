import { channelIdOf, type ChannelId } from '../../../api/channel-id.ts';
import type { ChannelNumbers } from '../../../api/live-numbers.ts';
import type { Clock } from '../../../base/clock.ts';
import { isOnAirOrWanted } from '../../../channel/desired/resources.ts';
import type { ChannelCache } from '../../cache/channel-cache.ts';
import type { LiveNumbers } from '../../cache/live-numbers.ts';
import type { NumbersEvent } from '../../contract/events.ts';
import { channelNumbers, channelNumbersWithMedia } from './channel-numbers.ts';
import type { Subscription } from './subscription.ts';

/** Subscribers that receive nothing new receive all numbers with every second read, which is every 2 s. */
const CALM_ROUNDS = 2;

export interface NumbersFeedParts {
  readonly cache: Pick<ChannelCache, 'channel' | 'channelsAfter'>;
  readonly live: Pick<LiveNumbers, 'of' | 'subscribe'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Id of an event that follows all events so far. */
  readonly id: () => string;
  readonly onEvent: (type: 'numbers') => void;
}

/**
 * Sends live numbers to the subscribers that may read them, as one event for all channels, and one for each channel that has
 * subscribers of its own: those see a new report of the relay at once. Numbers are read only while there are subscribers.
 */
export class NumbersFeed implements Disposable {
  readonly #parts: NumbersFeedParts;
  readonly #all = new Set<Subscription>();
  readonly #byChannel = new Map<ChannelId, Set<Subscription>>();
  /** What was last sent of a channel to its own subscribers. */
  readonly #sent = new Map<ChannelId, { readonly reportedAt: string | undefined; readonly round: number }>();
  #round = 0;
  #stop: (() => void) | undefined;

  constructor(parts: NumbersFeedParts) {
    this.#parts = parts;
  }

  /** Adds a subscriber to one channel or to all; returns a function that removes it. */
  add(channelId: ChannelId | undefined, subscription: Subscription): () => void {
    const set = channelId === undefined ? this.#all : (this.#byChannel.get(channelId) ?? new Set());
    if (channelId !== undefined) this.#byChannel.set(channelId, set);
    set.add(subscription);
    this.#stop ??= this.#parts.live.subscribe(() => this.#send());
    return () => {
      set.delete(subscription);
      if (channelId !== undefined && set.size === 0) {
        this.#byChannel.delete(channelId);
        this.#sent.delete(channelId);
      }
      if (this.#all.size === 0 && this.#byChannel.size === 0) this[Symbol.dispose]();
    };
  }

  [Symbol.dispose](): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #send(): void {
    const { cache, live, clock } = this.#parts;
    const now = clock.now();
    this.#round += 1;
    if (this.#all.size > 0 && this.#round % CALM_ROUNDS === 0) {
      const ids = [...cache.channelsAfter()]
        .filter(isOnAirOrWanted)
        .map(({ metadata }) => channelIdOf(metadata));
      this.#push(
        this.#all,
        now,
        ids.map((id) => channelNumbers(id, live.of(id), now)),
      );
    }
    for (const [id, set] of this.#byChannel) {
      const numbers = live.of(id);
      if (cache.channel(id) !== undefined && this.#isDue(id, numbers?.relay?.at))
        this.#push(set, now, [channelNumbersWithMedia(id, numbers, now)]);
    }
  }

  #isDue(id: ChannelId, reportedAt: string | undefined): boolean {
    const last = this.#sent.get(id);
    const isDue =
      last === undefined || last.reportedAt !== reportedAt || this.#round - last.round >= CALM_ROUNDS;
    if (isDue) this.#sent.set(id, { reportedAt, round: this.#round });
    return isDue;
  }

  #push(subscriptions: Iterable<Subscription>, now: Date, channels: ChannelNumbers[]): void {
    const { id, onEvent } = this.#parts;
    const event: NumbersEvent = { type: 'numbers', id: id(), at: now.toISOString(), channels };
    onEvent('numbers');
    for (const subscription of subscriptions) subscription.replaceNumbers(event);
  }
}
