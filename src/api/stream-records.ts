import { sha256Hex } from '../base/digest.ts';
import type { LiveChannel } from './live-channel.ts';
import { annotations, STREAM_FINALIZER } from './names.ts';
import type { Slot, StreamRecord } from './stream-record.ts';

export type { IdleRecord, ProvisionedRecord, Slot, StreamRecord } from './stream-record.ts';

/** The other of the two slots. */
export const otherSlot = (slot: Slot): Slot => (slot === 0 ? 1 : 0);
/** The slots that a record uses. */
export const slotsOf = ({ slot, standby }: StreamRecord): readonly Slot[] =>
  [slot, standby?.slot].filter((each) => each !== undefined);

const none: readonly StreamRecord[] = [];

/**
 * The records of the channel's streams in its status: state that survives a restart of the operator, and that only the
 * operator writes. Empty if there are none, or if they are lost.
 */
export function streamRecords({ status }: Pick<LiveChannel, 'status'>): readonly StreamRecord[] {
  return status?.streams ?? none;
}

/**
 * Whether the operator remembers the channel's streams. `new`: it has never created one. `lost`: it may have, and the
 * records are gone, because the status was edited or restored, or because an earlier version kept them elsewhere. They are
 * then rebuilt from the platforms (controllers/live-channel/steps/recover.ts).
 */
export function memoryOf({
  metadata,
  status,
}: Pick<LiveChannel, 'metadata' | 'status'>): 'kept' | 'new' | 'lost' {
  if (status?.streams !== undefined) return 'kept';
  const managed =
    metadata.finalizers?.includes(STREAM_FINALIZER) === true ||
    status?.streamId !== undefined ||
    metadata.annotations?.[annotations.streams] !== undefined;
  return managed ? 'lost' : 'new';
}

/** Whether the channel has a stream on the platform, or may have one as far as the operator remembers. */
export function usesPlatform(channel: LiveChannel, platform: string): boolean {
  return memoryOf(channel) === 'lost'
    ? channel.status?.streamingPlatform === platform
    : streamRecords(channel).some((record) => record.platform === platform);
}

/** The record of the stream that viewers are sent to, or of the first one while it is being created. */
export function activeRecord(channel: Pick<LiveChannel, 'status'>): StreamRecord | undefined {
  return streamRecords(channel).find(({ role }) => role === 'active');
}

/** Whether both refer to the same stream: a channel has at most one stream of a name on a platform. */
export function sameStream(
  a: Pick<StreamRecord, 'platform' | 'name'>,
  b: Pick<StreamRecord, 'platform' | 'name'>,
): boolean {
  return a.platform === b.platform && a.name === b.name;
}

/** The record of a stream that is gone, for the attempt to create it again: the ID and what belongs to it are dropped. */
export function forgotten(
  { id: _id, provisioned: _provisioned, ...record }: StreamRecord,
  attempt: string,
): StreamRecord {
  return { ...record, attempt };
}

/**
 * The value of an annotation as it is recorded: the value itself, or a digest of a long one. Users choose the value, and
 * only whether it changes matters.
 */
export function annotationMark(
  { metadata }: Pick<LiveChannel, 'metadata'>,
  name: string,
): string | undefined {
  const value = metadata.annotations?.[name];
  return value === undefined || value.length <= 63 ? value : sha256Hex(value);
}
