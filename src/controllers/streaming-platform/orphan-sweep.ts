import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import type { ObservedStream, StreamId } from '../../platforms/platform.ts';
import type { OpenPlatform } from '../platform-directory.ts';
import { liveChannelType } from '../resource-types.ts';

/** Metadata is enough, and a channel that this version cannot read owns its stream all the same. */
const { apiVersion, kind, plural, namespaced } = liveChannelType;
const anyChannel: ResourceType<KubeObject> = { apiVersion, kind, plural, namespaced };

export interface SweepResult {
  /** Left alone, because orphanPolicy is Report or because they are still being deleted. */
  readonly orphans: readonly ObservedStream[];
  readonly deleted: readonly ObservedStream[];
}

/**
 * Finds streams of this cluster that no channel owns: what a crash, a lost answer or a forced deletion left behind.
 * Whether a channel is gone is asked of the API server itself, never of a cache, before anything is deleted.
 */
export class OrphanSweep {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #graceMs: number;
  /** By platform and stream id, in monotonic milliseconds. */
  readonly #firstSeen = new Map<string, ReadonlyMap<StreamId, number>>();

  constructor(client: KubeClient, clock: Clock, graceMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  async run(
    platform: OpenPlatform,
    streams: readonly ObservedStream[],
    signal: AbortSignal,
  ): Promise<SweepResult> {
    const owners = await this.#liveUids(streams, signal);
    const unowned = streams.filter(({ owner }) => owner !== undefined && !owners.has(owner.channelUid));
    const now = this.#clock.monotonic();
    const before = this.#firstSeen.get(platform.name);
    const firstSeen = new Map(unowned.map(({ id }) => [id, before?.get(id) ?? now]));
    this.#firstSeen.set(platform.name, firstSeen);

    const result: { orphans: ObservedStream[]; deleted: ObservedStream[] } = { orphans: [], deleted: [] };
    for (const stream of unowned) {
      // The list is a moment old: a young one may belong to a channel that went, with its stream, since then.
      if (now - (firstSeen.get(stream.id) ?? now) < this.#graceMs) continue;
      const doomed = platform.resource.spec.orphanPolicy === 'Delete';
      if (doomed && (await platform.driver.deleteStream(stream.id, signal))) result.deleted.push(stream);
      else result.orphans.push(stream);
    }
    return result;
  }

  /** The uids of the channels that exist, asked only when there are streams to ask for. */
  async #liveUids(streams: readonly ObservedStream[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    if (streams.length === 0) return new Set();
    const { items } = await this.#client.list(anyChannel, { signal });
    return new Set(items.map(({ metadata }) => metadata.uid));
  }
}
