import { channelIdOf, resourceName, type ChannelId } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import { liveChannelType, streamingPlatformType } from '../../api/kinds.ts';
import { agoraChannelName } from '../../channel/desired/agora-channel.ts';
import type { KubeClient } from '../../kube/client.ts';
import { sleepOn, type Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeMetrics } from '../../kube/metrics.ts';
import { Reflector, type Change } from '../../kube/reflector.ts';
import type { KubeObject } from '../../kube/resource.ts';
import { Freshness } from './freshness.ts';

export interface ChannelCacheParts {
  readonly client: Pick<KubeClient, 'pages' | 'watch'>;
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics?: Pick<KubeMetrics, 'reflector'> | undefined;
}

type Waiter = (channel: LiveChannel | undefined) => void;

/**
 * Watches the channels of one namespace and all platforms; every read is served from this cache. A resource's status holds
 * all that apps receive, so pods are not watched. While the API server is unavailable, the last state continues to be
 * served, because playback URLs stay valid; `brokenSeconds` returns for how long.
 */
export class ChannelCache {
  readonly namespace: string;
  readonly #clock: Clock;
  readonly #channels: Reflector<LiveChannel>;
  readonly #platforms: Reflector<StreamingPlatform>;
  readonly #freshness: Freshness;
  readonly #waiters = new Map<string, Set<Waiter>>();
  /** Sorted names; undefined: they must be sorted again. */
  #sorted: readonly string[] | undefined;

  constructor({ client, namespace, clock, random, logger, metrics }: ChannelCacheParts) {
    this.namespace = namespace;
    this.#clock = clock;
    this.#freshness = new Freshness(clock);
    const observer = (kind: string): ReturnType<Freshness['observer']> =>
      this.#freshness.observer(metrics?.reflector(kind));
    this.#channels = new Reflector(
      liveChannelType,
      {
        namespace,
        transform: withoutManagedFields,
        indexes: { idempotencyKey: idempotencyKeys, agoraChannel: agoraChannels },
      },
      { client, clock, random, logger, observer: observer('LiveChannel') },
    );
    this.#platforms = new Reflector(
      streamingPlatformType,
      { transform: withoutManagedFields },
      { client, clock, random, logger, observer: metrics?.reflector('StreamingPlatform') },
    );
    this.#channels.subscribe((change) => this.#noted(change));
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#channels.run(signal), this.#platforms.run(signal)]);
  }

  /** Whether the first lists are complete. */
  get ready(): boolean {
    return this.#channels.hasSynced && this.#platforms.hasSynced;
  }

  async synced(): Promise<void> {
    await Promise.all([this.#channels.synced(), this.#platforms.synced()]);
  }

  get size(): number {
    return this.#channels.store.size;
  }

  brokenSeconds(): number {
    return this.#freshness.brokenSeconds();
  }

  /**
   * The channel of an id; undefined: there is none, or the resource of that name belongs to another channel. The id of a
   * resource that was created by hand with a name in the form of an encoded id (x-…, h-…) is that name.
   */
  channel(id: ChannelId): LiveChannel | undefined {
    for (const name of [nameOf(id), id]) {
      const channel = name === undefined ? undefined : this.named(name);
      if (channel !== undefined && channelIdOf(channel.metadata) === id) return channel;
    }
    return undefined;
  }

  named(name: string): LiveChannel | undefined {
    return this.#channels.store.get({ namespace: this.namespace, name });
  }

  /** Channels sorted by resource name, starting after `name`. */
  *channelsAfter(name = ''): Generator<LiveChannel> {
    this.#sorted ??= this.#channels.store
      .list()
      .map(({ metadata }) => metadata.name)
      .sort();
    const names = this.#sorted;
    for (let at = firstAfter(names, name); at < names.length; at++) {
      const channel = this.named(names[at] ?? '');
      if (channel !== undefined) yield channel;
    }
  }

  /** Channels that were created with that hash of an Idempotency-Key. */
  madeWith(idempotencyKey: string): readonly LiveChannel[] {
    return this.#channels.store.byIndex('idempotencyKey', idempotencyKey);
  }

  /** Channels that relay the Agora channel. `project`: the Secret with the credentials of its Agora project. */
  relaying(project: string, agoraChannel: string): readonly LiveChannel[] {
    return this.#channels.store.byIndex('agoraChannel', `${project}/${agoraChannel}`);
  }

  platform(name: string): StreamingPlatform | undefined {
    return this.#platforms.store.get({ name });
  }

  platforms(): readonly StreamingPlatform[] {
    return this.#platforms.store.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  subscribe(subscriber: (change: Change<LiveChannel>) => void): () => void {
    return this.#channels.subscribe(subscriber);
  }

  /**
   * Waits until `probe` returns a value for the channel of that name, and returns it; undefined after `withinMs`. Rejects
   * when `signal` aborts.
   */
  async until<T>(
    name: string,
    withinMs: number,
    probe: (channel: LiveChannel | undefined) => T | undefined,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    let found = probe(this.named(name));
    if (found !== undefined) return found;
    const over = new AbortController();
    const waiter: Waiter = (channel) => {
      found = probe(channel);
      if (found !== undefined) over.abort();
    };
    const waiters = this.#waiters.get(name) ?? new Set();
    this.#waiters.set(name, waiters.add(waiter));
    try {
      await sleepOn(this.#clock, withinMs, AbortSignal.any([signal, over.signal]));
    } finally {
      waiters.delete(waiter);
      if (waiters.size === 0) this.#waiters.delete(name);
    }
    signal.throwIfAborted();
    return found;
  }

  /** Waits, for at most 1 s, until the cache has seen the write, so that callers read their own writes. */
  async seen(written: LiveChannel, signal: AbortSignal): Promise<void> {
    const { name, uid, resourceVersion } = written.metadata;
    const version = Number(resourceVersion);
    const isThere = (channel: LiveChannel | undefined): true | undefined =>
      channel !== undefined &&
      (channel.metadata.uid !== uid || Number(channel.metadata.resourceVersion) >= version)
        ? true
        : undefined;
    await this.until(name, 1_000, isThere, signal);
  }

  #noted({ type, object }: Change<LiveChannel>): void {
    if (type !== 'updated') this.#sorted = undefined;
    const waiters = this.#waiters.get(object.metadata.name);
    if (waiters === undefined) return;
    for (const notify of [...waiters]) notify(type === 'deleted' ? undefined : object);
  }
}

/** Resource name of an id; undefined: the text is no id (see isChannelId). */
export function nameOf(id: ChannelId): string | undefined {
  try {
    return resourceName(id);
  } catch {
    return undefined;
  }
}

function idempotencyKeys({ metadata }: LiveChannel): readonly string[] {
  const noted = metadata.annotations?.[annotations.idempotency];
  return noted === undefined ? [] : [noted.split('/')[0] ?? ''];
}

function agoraChannels(channel: LiveChannel): readonly string[] {
  return [`${channel.spec.agora.credentialsRef.name}/${agoraChannelName(channel)}`];
}

/** managedFields are half of an object's size, and are not needed. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown }; // absent or dropped
  return { ...object, metadata };
}

/** Index of the first of the sorted names that is greater than `name`. */
function firstAfter(names: readonly string[], name: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? '') > name) high = middle;
    else low = middle + 1;
  }
  return low;
}
