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
  /** Left alone, because orphanPolicy is Report or because they are still being deleted. */
  readonly orphans: readonly ObservedStream[];
  readonly deleted: readonly ObservedStream[];
}

/**
 * Finds streams of this cluster that no channel owns: what a crash, a lost answer or a forced deletion left behind.
 * Whether a channel is gone is asked of the API server itself, never of a cache, before anything is deleted.
 *
 * A stream whose channel is there and does not record it is a stray: the second of two that a repeated create made, or
 * what a lost annotation forgot. It is the operator's own slip, and is deleted whatever orphanPolicy says.
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
    // Several StreamingPlatforms may lead to one account: each looks after its own streams, any after nobody's.
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
      // The list is a moment old: a young one may belong to a channel that went, with its stream, since then.
      if (now - (firstSeen.get(stream.id) ?? now) < this.#graceMs) continue;
      const doomed = kind === 'stray' || platform.resource.spec.orphanPolicy === 'Delete';
      if (doomed && (await platform.driver.deleteStream(stream.id, signal))) result.deleted.push(stream);
      else result.orphans.push(stream);
    }
    return result;
  }

  /** The channels that exist by uid, asked only when there are streams to ask for. */
  async #channels(
    streams: readonly ObservedStream[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, KubeObject>> {
    if (streams.length === 0) return new Map();
    const { items } = await this.#client.list(anyChannel, { signal });
    return new Map(items.map((channel) => [channel.metadata.uid, channel]));
  }
}
