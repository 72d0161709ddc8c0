import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../base/clock.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import type { ObservedStream, StreamId } from '../../platforms/platform.ts';
import type { OpenPlatform } from '../../cluster/platform-directory.ts';
import { objectMetaSchema } from '../../api/metadata.ts';
import { streamOwnership } from '../../cluster/stream-ownership.ts';
import { liveChannelType } from '../../api/kinds.ts';

/** Metadata is enough, and a channel that this version cannot read owns its stream all the same. */
const { apiVersion, kind, plural, namespaced } = liveChannelType;
const anyChannel: ResourceType<KubeObject> = { apiVersion, kind, plural, namespaced };

export interface SweepResult {
  /** Kept, because orphanPolicy is Report or because their deletion is not complete. */
  readonly orphans: readonly ObservedStream[];
  readonly deleted: readonly ObservedStream[];
}

/**
 * Finds streams of this cluster that no channel owns: left by a crash, a lost response or a forced deletion. Before
 * anything is deleted, the API server itself is queried for the channel, never a cache.
 *
 * A stream whose channel exists without recording it is a stray: the second of two that a retried create left, or one
 * whose annotation was lost. It results from the operator's own failure and is deleted whatever orphanPolicy is.
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
    platforms: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<SweepResult> {
    // Several StreamingPlatforms may share one account: each handles its own streams, and all those of none.
    const ours = streams.filter(
      ({ owner }) =>
        owner !== undefined && (owner.platform === platform.name || !platforms.has(owner.platform)),
    );
    const channels = await this.#channels(ours, signal);
    const unowned = ours.flatMap((stream) => {
      const channel = channels.get(stream.owner?.channelUid ?? '');
      const metadata = channel && objectMetaSchema.parse(channel.metadata);
      const kind = streamOwnership(stream, platform.name, metadata && { metadata });
      return kind === 'owned' ? [] : [{ stream, kind }];
    });
    const now = this.#clock.monotonic();
    const before = this.#firstSeen.get(platform.name);
    const firstSeen = new Map(unowned.map(({ stream: { id } }) => [id, before?.get(id) ?? now]));
    this.#firstSeen.set(platform.name, firstSeen);

    const result: { orphans: ObservedStream[]; deleted: ObservedStream[] } = { orphans: [], deleted: [] };
    for (const { stream, kind } of unowned) {
      // The list is a moment old: a new one may belong to a channel that was deleted with its stream since then.
      if (now - (firstSeen.get(stream.id) ?? now) < this.#graceMs) continue;
      const doomed = kind === 'stray' || platform.resource.spec.orphanPolicy === 'Delete';
      if (doomed && (await platform.driver.deleteStream(stream.id, signal))) result.deleted.push(stream);
      else result.orphans.push(stream);
    }
    return result;
  }

  /** The existing channels by uid, listed only when there are streams to check. */
  async #channels(
    streams: readonly ObservedStream[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, KubeObject>> {
    if (streams.length === 0) return new Map();
    const { items } = await this.#client.list(anyChannel, { signal });
    return new Map(items.map((channel) => [channel.metadata.uid, channel]));
  }
}
