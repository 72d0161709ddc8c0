import { configuredMode } from '../../channel/desired/stream-mode.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { Clock } from '../../base/clock.ts';
import { keyOf, type ObjectMeta, type ObjectRef } from '../../kube/resource.ts';
import type { ChannelProjection, Store, UnwrittenChannels } from '../../store/store.ts';
import { channelKey } from './take-sample.ts';
import type { Task } from '../task.ts';

/** Changes within this time are written together. */
const WRITE_INTERVAL_MS = 1_000;
const FULL_WRITE_INTERVAL_MS = 600_000;
const MAX_ROWS_PER_WRITE = 1_000;

/** The row of `channels` for a LiveChannel resource. */
export function projectionOf(channel: LiveChannel): ChannelProjection {
  const { spec, status } = channel;
  return {
    ...channelKey(channel),
    streamMode: spec.streamMode,
    effectiveStreamMode: status?.effectiveStreamMode ?? configuredMode(channel),
    hlsPlaybackUrl: status?.hlsPlaybackUrl,
    relayStatus: status?.relayStatus,
    relayStartedAt: status?.relayStartedAt === undefined ? undefined : new Date(status.relayStartedAt),
    streamingPlatform: status?.streamingPlatform,
    streamKeyId: status?.streamKeyId,
  };
}

export interface ProjectorOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly store: Pick<Store, 'projectChannels'>;
  readonly channels: {
    get(ref: ObjectRef): LiveChannel | undefined;
    list(namespace?: string): readonly LiveChannel[];
  };
  /** The namespaces that are watched; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Channels that exist and that this version cannot decode: their rows stay as they are. */
  readonly unreadable: () => readonly ObjectMeta[];
  readonly onUnwritten: (unwritten: UnwrittenChannels) => void;
}

/**
 * Keeps the rows of `channels` in sync with the resources. Needs no stored state: all rows are written at the start and
 * every FULL_WRITE_INTERVAL_MS, and only changed rows in between.
 */
export class Projector implements Task {
  readonly name = 'projection';
  readonly everyMs = WRITE_INTERVAL_MS;
  readonly #options: ProjectorOptions;
  readonly #changed = new Map<string, ObjectRef>();
  /** Namespaces that lost a channel. */
  readonly #shrunk = new Set<string>();
  /** Last written row by channel, as JSON. */
  #written = new Map<string, string>();
  #wholeAt = -Infinity;

  constructor(options: ProjectorOptions) {
    this.#options = options;
  }

  changed({ metadata: { namespace, name } }: LiveChannel): void {
    this.#changed.set(keyOf({ namespace, name }), { namespace, name });
  }

  deleted({ metadata: { namespace = '', name } }: LiveChannel): void {
    this.#changed.delete(keyOf({ namespace, name }));
    this.#shrunk.add(namespace);
  }

  async run(): Promise<boolean> {
    const { clock } = this.#options;
    if (clock.monotonic() - this.#wholeAt >= FULL_WRITE_INTERVAL_MS) await this.#writeAll();
    else {
      await this.#writeShrunk();
      await this.#writeChanged();
    }
    return false;
  }

  async #writeAll(): Promise<void> {
    const { clock, channels, namespaces } = this.#options;
    const begun = clock.monotonic();
    const changed = [...this.#changed];
    const all = channels.list();
    await this.#withoutShrunk(() => this.#write(all, namespaces, true));
    this.#forget(changed, all);
    this.#wholeAt = begun;
  }

  async #writeShrunk(): Promise<void> {
    const { channels } = this.#options;
    const shrunk = [...this.#shrunk];
    if (shrunk.length === 0) return;
    const left = shrunk.flatMap((namespace) => channels.list(namespace));
    await this.#withoutShrunk(() => this.#write(left, shrunk, true));
  }

  /** Empties the set of namespaces that lost a channel first: one that loses another during the write is in it again. */
  async #withoutShrunk(write: () => Promise<void>): Promise<void> {
    const shrunk = [...this.#shrunk];
    this.#shrunk.clear();
    try {
      await write();
    } catch (error) {
      for (const namespace of shrunk) this.#shrunk.add(namespace);
      throw error;
    }
  }

  async #writeChanged(): Promise<void> {
    const { channels } = this.#options;
    const changed = [...this.#changed].slice(0, MAX_ROWS_PER_WRITE);
    const there = changed.flatMap(([, ref]) => channels.get(ref) ?? []);
    await this.#write(there, [], false);
    this.#forget(changed, there);
  }

  /** A channel that changed again during the write has a new object in the cache, and goes to the end of the queue. */
  #forget(changed: readonly (readonly [string, ObjectRef])[], there: readonly LiveChannel[]): void {
    const written = new Set(there);
    for (const [key, ref] of changed) {
      const now = this.#options.channels.get(ref);
      this.#changed.delete(key);
      if (now !== undefined && !written.has(now)) this.#changed.set(key, ref);
    }
  }

  /** `all`: writes unchanged rows, too. */
  async #write(
    channels: readonly LiveChannel[],
    namespaces: readonly string[] | undefined,
    all: boolean,
  ): Promise<void> {
    const rows = channels.map((channel) => {
      const row = projectionOf(channel);
      return { key: keyOf(channel.metadata), row, text: JSON.stringify(row) };
    });
    const news = all ? rows : rows.filter(({ key, text }) => this.#written.get(key) !== text);
    if (news.length === 0 && !all) return;
    const unwritten = await this.#options.store.projectChannels(
      news.map(({ row }) => row),
      namespaces,
      this.#options.unreadable().map((metadata) => channelKey({ metadata })),
    );
    this.#options.onUnwritten(unwritten);
    if (namespaces === undefined) this.#written = new Map();
    for (const { key, text } of news) this.#written.set(key, text);
  }
}
