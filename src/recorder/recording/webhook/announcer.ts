import type { LiveChannel } from '../../../api/live-channel.ts';
import type { ChannelMessage } from '../../../api/webhooks.ts';
import type { Clock } from '../../../base/clock.ts';
import type { ObjectMeta } from '../../../kube/resource.ts';
import type { Numbers } from '../../../channel/views/channel-view.ts';
import { keyText } from '../../../store/channel-key-text.ts';
import type { Announcement, ChannelKey, Store } from '../../../store/store.ts';
import type { Task } from '../../task.ts';
import { channelKey } from '../take-sample.ts';
import {
  announcedState,
  endedMessage,
  messagesSince,
  parseAnnounced,
  type ChannelMessageData,
} from './channel-messages.ts';

/** Changes within this time are announced together. */
const WRITE_INTERVAL_MS = 1_000;
/** All channels are compared at this interval, in case a change was missed. */
const FULL_INTERVAL_MS = 600_000;
const MAX_CHANNELS_PER_WRITE = 200;
/** The table accepts no more. Nothing in a view has this size, unless the API server's limits are changed. */
const MAX_DATA_BYTES = 65_536;

export interface AnnouncerOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly store: Pick<Store, 'announced' | 'announce'>;
  readonly channels: { list(): readonly LiveChannel[] };
  /** The namespaces that are watched; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Channels that exist and that this version cannot decode: they are not reported as ended. */
  readonly unreadable: () => readonly ObjectMeta[];
  /** The messages that are sent. Others are counted as announced. */
  readonly events: ReadonlySet<ChannelMessage>;
  readonly numbers: (channel: LiveChannel) => Numbers;
}

/** A channel that was deleted; `version` undefined: this was not observed. */
interface Gone {
  readonly gone: ChannelKey;
  readonly version: number | undefined;
}

/**
 * Queues messages about channels for the webhook. What was announced is in the database, and is compared with the channels
 * as they are: so a new leader announces what changed before it, and nothing twice.
 */
export class Announcer implements Task {
  readonly name = 'webhook-announcer';
  readonly everyMs = WRITE_INTERVAL_MS;
  readonly #options: AnnouncerOptions;
  /** By channel: what was last announced, as in the database. undefined: not read yet. */
  #announced: Map<string, { readonly key: ChannelKey; readonly state: string }> | undefined;
  /** By channel: its newest state, or the version of its deletion. */
  readonly #changed = new Map<string, LiveChannel | Gone>();
  #comparedAt = -Infinity;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  changed(channel: LiveChannel): void {
    this.#changed.set(keyText(channelKey(channel)), channel);
  }

  deleted(channel: LiveChannel, unseen = false): void {
    const version = Number(channel.metadata.resourceVersion);
    const gone = channelKey(channel);
    this.#changed.set(keyText(gone), {
      gone,
      version: unseen || !Number.isSafeInteger(version) ? undefined : version,
    });
  }

  async run(): Promise<boolean> {
    const { clock, store, namespaces, channels } = this.#options;
    if (this.#announced === undefined) {
      const known = await store.announced(namespaces);
      this.#announced = new Map(known.map(({ state, ...key }) => [keyText(key), { key, state }]));
    }
    if (clock.monotonic() - this.#comparedAt >= FULL_INTERVAL_MS) {
      const all = channels.list();
      for (const channel of all) this.changed(channel);
      this.#noteMissing(all, this.#announced);
      this.#comparedAt = clock.monotonic();
    }
    const taken = [...this.#changed].slice(0, MAX_CHANNELS_PER_WRITE);
    const announcements = taken.flatMap(([name, change]) => this.#announcement(name, change) ?? []);
    if (announcements.length > 0) await store.announce(announcements, clock.now());
    for (const each of announcements) this.#remember(each);
    // A channel that changed again during the write has another object, and goes to the end.
    for (const [name, change] of taken) {
      const now = this.#changed.get(name);
      this.#changed.delete(name);
      if (now !== undefined && now !== change) this.#changed.set(name, now);
    }
    return this.#changed.size > 0;
  }

  /** Channels that were announced and no longer exist: their deletion was not observed. */
  #noteMissing(
    all: readonly LiveChannel[],
    announced: ReadonlyMap<string, { readonly key: ChannelKey }>,
  ): void {
    const unreadable = this.#options.unreadable().map((metadata) => ({ metadata }));
    const there = new Set([...all, ...unreadable].map((channel) => keyText(channelKey(channel))));
    for (const [name, { key }] of announced)
      if (!there.has(name) && !this.#changed.has(name))
        this.#changed.set(name, { gone: key, version: undefined });
  }

  /** undefined: there is nothing to announce. */
  #announcement(name: string, change: LiveChannel | Gone): Announcement | undefined {
    const known = this.#announced?.get(name)?.state;
    if ('gone' in change)
      return known === undefined
        ? undefined
        : {
            ...change.gone,
            state: undefined,
            messages: this.#sent([endedMessage(change.gone, change.version)]),
          };
    // Its first status follows at once, and has more to say.
    if (change.status === undefined && known === undefined) return undefined;
    const state = JSON.stringify(announcedState(change));
    if (state === known) return undefined;
    const { clock, numbers } = this.#options;
    const messages = messagesSince(parseAnnounced(known), change, numbers(change), clock.now());
    return { ...channelKey(change), state, messages: this.#sent(messages) };
  }

  #sent(messages: readonly ChannelMessageData[]): Announcement['messages'] {
    return messages
      .filter(({ type }) => this.#options.events.has(type))
      .map((data) => ({ type: data.type, data: JSON.stringify(data) }))
      .filter(({ data }) => Buffer.byteLength(data) <= MAX_DATA_BYTES);
  }

  #remember({ state, messages: _messages, ...key }: Announcement): void {
    if (state === undefined) this.#announced?.delete(keyText(key));
    else this.#announced?.set(keyText(key), { key, state });
  }
}
