import { streamRecords } from '../api/annotations/stream-records.ts';
import type { LiveChannel } from '../api/live-channel.ts';
import type { ObservedStream } from '../platforms/platform.ts';

/**
 * `owned`: the channel records the stream. `orphan`: the channel that it was created for is gone. `stray`: that channel
 * exists and does not record it, e.g. the second of two streams after a repeated create.
 */
export type StreamOwnership = 'owned' | 'orphan' | 'stray';

/**
 * Whether a channel owns a stream: the one rule by which the orphan sweep deletes streams and the audit reports them.
 * Streams are deleted in two more places, by their record: the step `delete-stream` (channel/plan/stream-step.ts) and
 * controllers/live-channel/garbage-collect.ts.
 *
 * `listedBy` is the StreamingPlatform that listed the stream; `channel` is the channel with the UID in the stream's
 * owner tag, undefined if there is none.
 *
 * A record belongs to one StreamingPlatform, because IDs and names are unique only within an account. If the tag names
 * no platform, the platform that listed the stream is assumed. A record without an ID may be this stream while the call
 * that creates it has not been answered: it is matched by name, so that no stream is deleted while it is being created.
 */
export function streamOwnership(
  { id, name, owner }: Pick<ObservedStream, 'id' | 'name' | 'owner'>,
  listedBy: string,
  channel: Pick<LiveChannel, 'metadata'> | undefined,
): StreamOwnership {
  if (channel === undefined || channel.metadata.uid !== owner?.channelUid) return 'orphan';
  const platform = owner.platform === '' ? listedBy : owner.platform;
  const recorded = streamRecords(channel).some(
    (record) =>
      record.platform === platform && (record.id === undefined ? record.name === name : record.id === id),
  );
  return recorded ? 'owned' : 'stray';
}
