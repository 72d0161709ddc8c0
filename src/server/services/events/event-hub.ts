import { channelIdOf, type ChannelId } from '../../../api/channel-id.ts';
import type { LiveChannel } from '../../../api/live-channel.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Change } from '../../../kube/reflector.ts';
import type { ChannelCache } from '../../cache/channel-cache.ts';
import type { LatestNumbers } from '../../cache/latest-numbers.ts';
import type { LiveNumbers } from '../../cache/live-numbers.ts';
import type { Alert } from '../../../store/store.ts';
import type { AlertFeed } from '../../cache/alert-feed.ts';
import type { ChannelStateEvent, ServerEvent } from '../../contract/events.ts';
import { alertView } from '../store-views.ts';
import { ApiProblem } from '../../problems.ts';
import { channelView } from '../../../channel/views/channel-view.ts';
import { EventHistory } from './event-history.ts';
import { idOf, parts, positionOf, UNKNOWN_ID, type Position } from '../../../api/event-id.ts';
import { modeNews } from '../../../channel/views/mode-news.ts';
import { NumbersFeed } from './numbers-feed.ts';
import { Subscription } from './subscription.ts';

export interface EventHubParts {
  readonly cache: Pick<ChannelCache, 'channel' | 'channelsAfter' | 'subscribe'>;
  readonly numbers: Pick<LatestNumbers, 'of' | 'subscribe'>;
  /** undefined: there is no database. */
  readonly alerts?: Pick<AlertFeed, 'current' | 'subscribe'> | undefined;
  /** undefined: likewise. */
  readonly live?: Pick<LiveNumbers, 'of' | 'subscribe'> | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly mostSubscribers: number;
  readonly onEvent?: ((type: ServerEvent['type']) => void) | undefined;
  readonly onCut?: (() => void) | undefined;
}

/**
 * Sends events about channels to subscribers, from the cache: one watch serves all of them. Delivery is at least once;
 * every `status` contains the whole state, so duplicates do no harm.
 */
export class EventHub implements Disposable {
  readonly #parts: EventHubParts;
  readonly #history = new EventHistory();
  readonly #all = new Set<Subscription>();
  readonly #byChannel = new Map<ChannelId, Set<Subscription>>();
  readonly #feed: NumbersFeed | undefined;
  readonly #stopListening: readonly (() => void)[];
  #newest = 0;
  #subscribers = 0;

  constructor(hubParts: EventHubParts) {
    this.#parts = hubParts;
    const { cache, live, clock } = hubParts;
    this.#feed =
      live &&
      new NumbersFeed({
        ...{ cache, live, clock },
        id: () => this.#numbersId(),
        onEvent: (type) => hubParts.onEvent?.(type),
      });
    this.#stopListening = [
      hubParts.cache.subscribe((change) => this.#changed(change)),
      hubParts.numbers.subscribe((ids) => this.#counted(ids)),
      hubParts.alerts?.subscribe((alert) => this.#alerted(alert)) ?? (() => undefined),
    ];
  }

  get subscribers(): number {
    return this.#subscribers;
  }

  /**
   * Subscribes at once: events are queued even before the first one is read. `withNumbers`: live numbers are sent, too.
   * @throws ApiProblem channel-not-found, too-many-subscribers
   */
  subscribe(
    channelId: ChannelId | undefined,
    lastEventId: string | undefined,
    signal: AbortSignal,
    withNumbers = false,
  ): AsyncIterable<ServerEvent> {
    const last = positionOf(lastEventId);
    const missed = last === undefined ? undefined : this.#history.after(last, channelId);
    if (
      channelId !== undefined &&
      this.#parts.cache.channel(channelId) === undefined &&
      (missed ?? []).length === 0
    )
      throw new ApiProblem('channel-not-found', `Channel ${channelId} does not exist.`);
    if (this.#subscribers >= this.#parts.mostSubscribers)
      throw new ApiProblem(
        'too-many-subscribers',
        `This replica has ${this.#subscribers} subscribers (LIVECHANNEL_API_MAX_SUBSCRIBERS).`,
        { retryAfterSeconds: 5 },
      );
    const set = channelId === undefined ? this.#all : (this.#byChannel.get(channelId) ?? new Set());
    if (channelId !== undefined) this.#byChannel.set(channelId, set);
    const onAbort = (): void => subscription.end();
    const subscription = new Subscription(this.#first(channelId, missed, lastEventId), () => {
      signal.removeEventListener('abort', onAbort);
      set.delete(subscription);
      stopNumbers?.();
      this.#subscribers -= 1;
      if (channelId !== undefined && set.size === 0 && this.#byChannel.get(channelId) === set)
        this.#byChannel.delete(channelId);
    });
    set.add(subscription);
    const stopNumbers = withNumbers ? this.#feed?.add(channelId, subscription) : undefined;
    this.#subscribers += 1;
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) subscription.end();
    return subscription;
  }

  /** Ends all subscriptions. */
  [Symbol.dispose](): void {
    for (const stop of this.#stopListening) stop();
    this.#feed?.[Symbol.dispose]();
    for (const each of [...this.#all, ...[...this.#byChannel.values()].flatMap((set) => [...set])])
      each.end();
  }

  /** What the subscriber missed, or snapshots; then, for subscribers to all channels, the current alerts. */
  *#first(
    channelId: ChannelId | undefined,
    missed: readonly ServerEvent[] | undefined,
    lastEventId: string | undefined,
  ): Generator<ServerEvent> {
    // Alerts have no place among the versions of channels: their id resumes after the events before them. It is that of the
    // snapshot, which begins now; events that occur meanwhile follow the alerts.
    const id = missed?.at(-1)?.id ?? (missed === undefined ? this.#numbersId() : lastEventId) ?? UNKNOWN_ID;
    yield* missed ?? this.#snapshot(channelId);
    if (channelId !== undefined) return;
    for (const alert of this.#parts.alerts?.current() ?? [])
      yield { type: 'alert', id, alert: alertView(alert) };
  }

  /** Snapshots of the current state, and announced mode changes that are still to come. */
  *#snapshot(channelId: ChannelId | undefined): Generator<ServerEvent> {
    const { cache, numbers, clock } = this.#parts;
    const one = channelId === undefined ? undefined : cache.channel(channelId);
    const channels = channelId === undefined ? [...cache.channelsAfter()] : one === undefined ? [] : [one];
    // Only the last snapshot has an id to resume from, because a partial snapshot must be repeated as a whole. Events that
    // occur meanwhile follow it.
    const last = this.#numbersId();
    for (const [index, channel] of channels.entries()) {
      const id = index === channels.length - 1 ? last : UNKNOWN_ID;
      const view = channelView(channel, numbers.of(channelIdOf(channel.metadata)));
      const news = modeNews(undefined, channel, clock.now());
      if (news !== undefined) yield { type: 'mode', id: UNKNOWN_ID, channelId: view.id, ...news };
      yield { type: 'snapshot', id, channel: view };
    }
  }

  #changed({ type, object, previous, initial, unseen }: Change<LiveChannel>): void {
    if (unseen !== true) this.#newest = Math.max(this.#newest, versionOf(object));
    if (initial) return;
    const version = unseen === true ? this.#newest : versionOf(object);
    const channelId = channelIdOf(object.metadata);
    if (type === 'deleted') {
      const position = { version, part: unseen === true ? parts.endedUnseen : parts.ended };
      this.#publish(position, { type: 'ended', id: idOf(position), channelId });
      return;
    }
    const news = previous === undefined ? undefined : modeNews(previous, object, this.#parts.clock.now());
    if (news !== undefined) {
      const position = { version, part: parts.mode };
      this.#publish(position, { type: 'mode', id: idOf(position), channelId, ...news });
    }
    const sample = this.#parts.numbers.of(channelId);
    const channel = channelView(object, sample);
    // Many changes of a resource are not visible to apps, such as annotations of the operator and field owners.
    if (previous !== undefined && JSON.stringify(channel) === JSON.stringify(channelView(previous, sample)))
      return;
    const position = { version, part: parts.status };
    this.#publish(position, { type: 'status', id: idOf(position), channel });
  }

  /** New numbers go to current subscribers only; after a reconnect, the next change brings the newest ones. */
  #counted(ids: readonly ChannelId[]): void {
    const { cache, numbers } = this.#parts;
    for (const channelId of ids) {
      if (this.#all.size === 0 && !this.#byChannel.has(channelId)) continue;
      const channel = cache.channel(channelId);
      if (channel === undefined) continue;
      const id = this.#numbersId();
      this.#deliver(channelId, { type: 'status', id, channel: channelView(channel, numbers.of(channelId)) });
    }
  }

  /** Alerts go to those who may see all channels: a buyer of one channel has no use for them. */
  #alerted(alert: Alert): void {
    if (this.#all.size === 0) return;
    const event = { type: 'alert', id: this.#numbersId(), alert: alertView(alert) } as const;
    this.#parts.onEvent?.(event.type);
    this.#push(this.#all, event);
  }

  /** Of events that are not about a version of a channel: they follow all events up to the newest version. */
  #numbersId(): string {
    return idOf({ version: this.#newest, part: parts.numbers });
  }

  #publish(position: Position, event: ChannelStateEvent): void {
    const channelId =
      event.type === 'status' || event.type === 'snapshot' ? event.channel.id : event.channelId;
    this.#history.add({ position, channelId, event });
    this.#deliver(channelId, event);
  }

  #deliver(channelId: ChannelId, event: ServerEvent): void {
    this.#parts.onEvent?.(event.type);
    for (const set of [this.#all, this.#byChannel.get(channelId)]) this.#push(set ?? [], event);
  }

  #push(subscriptions: Iterable<Subscription>, event: ServerEvent): void {
    for (const subscription of subscriptions) if (!subscription.push(event)) this.#parts.onCut?.();
  }
}

function versionOf({ metadata }: LiveChannel): number {
  const version = Number(metadata.resourceVersion);
  return Number.isSafeInteger(version) ? version : 0;
}
