import { z } from 'zod';
import { liveChannelStatusSchema } from '../../api/live-channel.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../base/clock.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import type { ObservedStream, StreamId } from '../../platforms/platform.ts';
import type { OpenPlatform } from '../../cluster/platform-directory.ts';
import { objectMetaSchema } from '../../api/metadata.ts';
import { streamOwnership } from '../../cluster/stream-ownership.ts';
import { liveChannelType } from '../../api/kinds.ts';

/** Only metadata and records are read, because a channel that this version cannot parse still owns its stream. */
const { apiVersion, kind, plural, namespaced } = liveChannelType;
const anyChannel: ResourceType<KubeObject> = { apiVersion, kind, plural, namespaced };
const recordsSchema = z.object({
  status: liveChannelStatusSchema.pick({ streams: true, streamId: true }).optional().catch(undefined),
});

/** The streams without a channel. */
export interface SweepResult {
  /** Streams that remain, because orphanPolicy is Report or because their deletion is not complete. */
  readonly orphans: readonly ObservedStream[];
  readonly deleted: readonly ObservedStream[];
}

/**
 * Finds streams of this cluster that no channel owns, which result from a crash, a lost response or a forced deletion.
 * The channels are listed from the API server, never from a cache, because a deletion cannot be undone.
 *
 * A stream whose channel exists but does not record it is a stray, e.g. a second stream from a retried create. It results from a failure of the operator and is deleted regardless of orphanPolicy.
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

  /** Checks the listed `streams` of the platform. `platforms`: the names of all StreamingPlatforms. */
  async run(
    platform: OpenPlatform,
    streams: readonly ObservedStream[],
    platforms: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<SweepResult> {
    // StreamingPlatforms may share an account: each handles its own streams, and those whose platform no longer exists.
    const ours = streams.filter(
      ({ owner }) =>
        owner !== undefined && (owner.platform === platform.name || !platforms.has(owner.platform)),
    );
    const channels = await this.#channels(ours, signal);
    const unowned = ours.flatMap((stream) => {
      const channel = channels.get(stream.owner?.channelUid ?? '');
      const known = channel && {
        metadata: objectMetaSchema.parse(channel.metadata),
        ...recordsSchema.parse(channel),
      };
      const kind = streamOwnership(stream, platform.name, known);
      return kind === 'owned' ? [] : [{ stream, kind }];
    });
    const now = this.#clock.monotonic();
    const before = this.#firstSeen.get(platform.name);
    const firstSeen = new Map(unowned.map(({ stream: { id } }) => [id, before?.get(id) ?? now]));
    this.#firstSeen.set(platform.name, firstSeen);

    const result: { orphans: ObservedStream[]; deleted: ObservedStream[] } = { orphans: [], deleted: [] };
    for (const { stream, kind } of unowned) {
      // The list may be older than the deletion of a channel and its stream, so that an orphan must persist to count.
      if (now - (firstSeen.get(stream.id) ?? now) < this.#graceMs) continue;
      const isToDelete = kind === 'stray' || platform.resource.spec.orphanPolicy === 'Delete';
      const { id, owner } = stream;
      if (isToDelete && owner !== undefined && (await platform.driver.deleteStream({ id, owner }, signal)))
        result.deleted.push(stream);
      else result.orphans.push(stream);
    }
    return result;
  }

  /** All channels by uid. They are only listed when there are streams to check. */
  async #channels(
    streams: readonly ObservedStream[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, KubeObject>> {
    if (streams.length === 0) return new Map();
    const { items } = await this.#client.list(anyChannel, { signal });
    return new Map(items.map((channel) => [channel.metadata.uid, channel]));
  }
}
