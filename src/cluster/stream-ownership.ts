import { memoryOf, streamRecords } from '../api/stream-records.ts';
import type { LiveChannel } from '../api/live-channel.ts';
import type { ObservedStream, StreamOwner } from '../platforms/platform.ts';

/**
 * `owned`: the channel records the stream. `orphan`: the channel that it was created for is gone. `stray`: that channel
 * exists and does not record it, e.g. the second of two streams after a repeated create.
 */
export type StreamOwnership = 'owned' | 'orphan' | 'stray';

/**
 * Whether a channel owns a stream that a platform lists: the rule of the orphan sweep and the audit. Reconciles do not
 * use it, because they start from a channel's records: the step `delete-stream` and garbage-collect.ts delete the
 * streams of a record that the platform says are the channel's. docs/operate/audit.md lists when streams are deleted.
 *
 * `listedBy` is the StreamingPlatform that listed the stream; `channel` is the channel with the UID in the stream's
 * owner tag, undefined if there is none.
 *
 * A record belongs to one StreamingPlatform, because IDs and names are unique only within an account. If the tag names
 * no platform, the platform that listed the stream is assumed. A record without an ID may be this stream while the call
 * that creates it has not been answered: it is matched by name, so that no stream is deleted while it is being created.
 * While a channel's records are lost, all streams with its tag may be the channel's.
 */
export function streamOwnership(
  { id, name, owner }: Pick<ObservedStream, 'id' | 'name' | 'owner'>,
  listedBy: string,
  channel: Pick<LiveChannel, 'metadata' | 'status'> | undefined,
): StreamOwnership {
  if (channel === undefined || channel.metadata.uid !== owner?.channelUid) return 'orphan';
  if (memoryOf(channel) !== 'kept') return 'owned';
  const platform = owner.platform === '' ? listedBy : owner.platform;
  const recorded = streamRecords(channel).some(
    (record) =>
      record.platform === platform && (record.id === undefined ? record.name === name : record.id === id),
  );
  return recorded ? 'owned' : 'stray';
}

/** The owner of the channel's streams on the platform: what is in their tags. */
export function ownerOf(
  { metadata }: Pick<LiveChannel, 'metadata'>,
  platform: string,
  clusterId: string,
): StreamOwner {
  const { uid, namespace, name } = metadata;
  return { clusterId, platform, channelUid: uid, channel: `${namespace ?? ''}/${name}` };
}
