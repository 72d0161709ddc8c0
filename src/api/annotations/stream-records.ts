import { z } from 'zod';
import { annotations } from '../names.ts';
import type { LiveChannel } from '../live-channel.ts';
import { parseJson } from '../../base/parse-json.ts';

const slotSchema = z.union([z.literal(0), z.literal(1)]);

const idleSchema = z.object({
  /** RFC 3339, like the other times. */
  since: z.string(),
  /** agora: viewers watch on Agora only, to save costs (stream-mode.ts); the others: as spec.relay.idle requires. */
  why: z.enum(['no-host', 'no-viewers', 'agora']),
  /** For agora: viewers are migrating to Agora, and the relay continues until this time. */
  drainUntil: z.string().exactOptional(),
  /** The value of annotation resume at that time: another value resumes the relay. */
  resume: z.string().exactOptional(),
  /** When a relay last checked for the host and found none. */
  probedAt: z.string().exactOptional(),
  /** Since when a relay runs to check for the host. */
  probingSince: z.string().exactOptional(),
});
/** Why and since when a relay is idle. */
export type IdleRecord = z.infer<typeof idleSchema>;

const streamRecordSchema = z.object({
  /**
   * The stream's role in its channel. `active`: viewers are sent to it. `incoming`: it is started, to become active.
   * `draining`: it is drained, then deleted.
   */
  role: z.enum(['active', 'incoming', 'draining']),
  /** The StreamingPlatform on which the stream was created, or will be. */
  platform: z.string().min(1),
  /** Its name there (src/platforms/stream-name.ts). Platform and name identify a stream within a channel. */
  name: z.string().min(1),
  /** Which of the relay pods pushes to it; undefined when none does. */
  slot: slotSchema.exactOptional(),
  /**
   * The other slot, if it also belongs to this stream: its relay is the standby, or the one that was replaced. `node`:
   * the node that was lost with that relay.
   */
  standby: z
    .object({ slot: slotSchema, since: z.string(), node: z.string().exactOptional() })
    .exactOptional(),
  /** For the active stream, while its relay is idle: there is no host or no viewer, or costs are being saved. */
  idle: idleSchema.exactOptional(),
  /** Unix seconds; increases whenever `slot` changes. The relay with the higher epoch wins at the ingest. */
  epoch: z.int().exactOptional(),
  /** When `slot` last changed, RFC 3339. */
  failedOverAt: z.string().exactOptional(),
  /**
   * The stream key is replaced for this epoch, because the previous relay could not be switched to standby. `at`: when
   * the new key was in the Secret. Without it, the old key may be revoked already while no relay has the new key.
   */
  fenced: z.object({ epoch: z.int(), at: z.string().exactOptional() }).exactOptional(),
  /** The platform's ID of the stream. Absent from the decision to create it until the answer is recorded. */
  id: z.string().exactOptional(),
  /** Identifies the request to create it; the same for every retry. */
  attempt: z.string().min(1),
  /** When the role began, RFC 3339. */
  since: z.string(),
  /** For a draining stream: when draining ends, RFC 3339. */
  until: z.string().exactOptional(),
  /** The last value of annotation rotate-key for which the key was rotated. */
  rotated: z.string().exactOptional(),
  /** On the fallback platform: the platform that is unavailable. */
  insteadOf: z.string().exactOptional(),
  /** With `insteadOf`: when to try that platform again, RFC 3339. */
  returnAt: z.string().exactOptional(),
  /** If the budget switched the platform: the channel's home platform without that switch. */
  sentFrom: z.string().exactOptional(),
});
export type StreamRecord = z.infer<typeof streamRecordSchema>;
export type Slot = z.infer<typeof slotSchema>;
/** The other of the two slots. */
export const otherSlot = (slot: Slot): Slot => (slot === 0 ? 1 : 0);
/** The slots that a record uses. */
export const slotsOf = ({ slot, standby }: StreamRecord): readonly Slot[] =>
  [slot, standby?.slot].filter((each) => each !== undefined);

/** Has the channel's UID, because annotations are copied when a channel is created from another channel's manifest. */
const memorySchema = z.object({ channel: z.string(), streams: z.array(streamRecordSchema) });

/** Parsed records by metadata objects, which are immutable: the records of a thousand channels are read often. */
const read = new WeakMap<LiveChannel['metadata'], readonly StreamRecord[]>();

/**
 * The records of the channel's streams in its annotation: state that survives a restart of the operator. Empty if there
 * are none, they are not valid, or they are another channel's.
 */
export function streamRecords({ metadata }: Pick<LiveChannel, 'metadata'>): readonly StreamRecord[] {
  const known = read.get(metadata);
  if (known !== undefined) return known;
  const records = readRecords(metadata);
  read.set(metadata, records);
  return records;
}

function readRecords(metadata: LiveChannel['metadata']): readonly StreamRecord[] {
  const noted = metadata.annotations?.[annotations.streams];
  if (noted === undefined) return [];
  const memory = memorySchema.safeParse(parseJson(noted));
  // An invalid annotation counts as absent: names are deterministic, and the sweep finds streams without a record.
  return memory.success && memory.data.channel === metadata.uid ? memory.data.streams : [];
}

/** The annotations that store the records; none if there are no records. */
export function streamRecordAnnotations(
  channelUid: string,
  records: readonly StreamRecord[],
): Record<string, string> {
  if (records.length === 0) return {};
  return { [annotations.streams]: JSON.stringify({ channel: channelUid, streams: records }) };
}

/** The record of the stream that viewers are sent to, or of the first one while it is being created. */
export function activeRecord(channel: Pick<LiveChannel, 'metadata'>): StreamRecord | undefined {
  return streamRecords(channel).find(({ role }) => role === 'active');
}

/** Whether both refer to the same stream: a channel has at most one stream of a name on a platform. */
export function sameStream(
  a: Pick<StreamRecord, 'platform' | 'name'>,
  b: Pick<StreamRecord, 'platform' | 'name'>,
): boolean {
  return a.platform === b.platform && a.name === b.name;
}
