import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import type { ObservedStream } from '../../platforms/platform.ts';
import type { OpenPlatform } from '../platform-directory.ts';
import { liveChannelType } from '../resource-types.ts';

/** Metadata is enough, and a channel that this version cannot read owns its stream all the same. */
const { apiVersion, kind, plural, namespaced } = liveChannelType;
const anyChannel: ResourceType<KubeObject> = { apiVersion, kind, plural, namespaced };

export interface SweepResult {
  /** Left alone: too young, or orphanPolicy Report. */
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
  readonly #firstSeen = new Map<string, number>();

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
    const now = this.#clock.now().getTime();
    const result: { orphans: ObservedStream[]; deleted: ObservedStream[] } = { orphans: [], deleted: [] };
    for (const stream of streams) {
      const key = `${platform.name}/${stream.id}`;
      if (stream.owner === undefined || owners.has(stream.owner.channelUid)) {
        this.#firstSeen.delete(key);
        continue;
      }
      const since = this.#firstSeen.get(key) ?? now;
      this.#firstSeen.set(key, since);
      // Young ones may belong to a channel whose record is being written at this moment.
      const ripe = now - since >= this.#graceMs && platform.resource.spec.orphanPolicy === 'Delete';
      if (ripe && (await platform.driver.deleteStream(stream.id, signal))) {
        result.deleted.push(stream);
        this.#firstSeen.delete(key);
      } else {
        result.orphans.push(stream);
      }
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
