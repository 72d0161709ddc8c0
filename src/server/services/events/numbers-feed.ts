import { channelIdOf, type ChannelId } from '../../../api/channel-id.ts';
import type { ChannelNumbers } from '../../../api/live-numbers.ts';
import type { Clock } from '../../../base/clock.ts';
import { isOnAirOrWanted } from '../../../channel/desired/resources.ts';
import type { ChannelCache } from '../../cache/channel-cache.ts';
import type { LiveNumbers } from '../../cache/live-numbers.ts';
import type { NumbersEvent } from '../../contract/events.ts';
import { channelNumbers, channelNumbersWithMedia } from './channel-numbers.ts';
import type { Subscription } from './subscription.ts';

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
 * subscribers of its own. Numbers are read only while there are subscribers.
 */
export class NumbersFeed implements Disposable {
  readonly #parts: NumbersFeedParts;
  readonly #all = new Set<Subscription>();
  readonly #byChannel = new Map<ChannelId, Set<Subscription>>();
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
      if (channelId !== undefined && set.size === 0) this.#byChannel.delete(channelId);
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
    if (this.#all.size > 0) {
      const ids = [...cache.channelsAfter()]
        .filter(isOnAirOrWanted)
        .map(({ metadata }) => channelIdOf(metadata));
      this.#push(
        this.#all,
        now,
        ids.map((id) => channelNumbers(id, live.of(id), now)),
      );
    }
    for (const [id, set] of this.#byChannel)
      if (cache.channel(id) !== undefined)
        this.#push(set, now, [channelNumbersWithMedia(id, live.of(id), now)]);
  }

  #push(subscriptions: Iterable<Subscription>, now: Date, channels: ChannelNumbers[]): void {
    const { id, onEvent } = this.#parts;
    const event: NumbersEvent = { type: 'numbers', id: id(), at: now.toISOString(), channels };
    onEvent('numbers');
    for (const subscription of subscriptions) subscription.replaceNumbers(event);
  }
}
