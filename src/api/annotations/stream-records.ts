import { z } from 'zod';
import { annotations } from '../names.ts';
import type { LiveChannel } from '../live-channel.ts';
import { parseJson } from '../../base/parse-json.ts';

const slotSchema = z.union([z.literal(0), z.literal(1)]);

const idleSchema = z.object({
  /** RFC 3339. */
  since: z.string(),
  /** agora: viewers are on Agora alone, for the costs (agora-alone.ts); the others: as spec.relay.idle asks. */
  why: z.enum(['no-host', 'no-viewers', 'agora']),
  /** Of agora: viewers are on their way there, and the relay goes on until then. */
  drainUntil: z.string().exactOptional(),
  /** The annotation wake as it was then: another value ends the rest. */
  resume: z.string().exactOptional(),
  /** When a relay last looked for the host and found none. */
  probedAt: z.string().exactOptional(),
  /** Since when a relay is there to look. */
  probingSince: z.string().exactOptional(),
});
export type IdleRecord = z.infer<typeof idleSchema>;

const streamRecordSchema = z.object({
  /**
   * What the stream is to its channel. `active`: viewers are sent to it. `incoming`: it is brought up to take over.
   * `draining`: it is drained, then deleted.
   */
  role: z.enum(['active', 'incoming', 'draining']),
  /** The StreamingPlatform on which the stream was made, or is about to be. */
  platform: z.string().min(1),
  /** Its name there (src/platforms/stream-name.ts): with the platform, what tells a channel's streams apart. */
  name: z.string().min(1),
  /** Which of the relay pods pushes to it; undefined once none does any more. */
  slot: slotSchema.exactOptional(),
  /**
   * The other slot is this stream's, too: its relay stands by, or is the one that was replaced. `node`: the one that
   * was lost with the relay in it.
   */
  standby: z
    .object({ slot: slotSchema, since: z.string(), node: z.string().exactOptional() })
    .exactOptional(),
  /** Of the active one: its relay is idle, because there is no host or no viewer. */
  idle: idleSchema.exactOptional(),
  /** Unix seconds; rises whenever `slot` changes. The relay of a higher epoch wins at the ingest. */
  epoch: z.int().exactOptional(),
  /** When `slot` changed last, RFC 3339. */
  failedOverAt: z.string().exactOptional(),
  /**
   * The key is made anew for this epoch, because the relay before could not be told to stand by; `at`: when the new one
   * was in the Secret. Without it the old key may be worthless and nobody has the new one.
   */
  fenced: z.object({ epoch: z.int(), at: z.string().exactOptional() }).exactOptional(),
  /** Unknown between the decision to create and the recorded answer. */
  id: z.string().exactOptional(),
  /** Names the wish to create, the same for every repetition. */
  attempt: z.string().min(1),
  /** When the role began, RFC 3339. */
  since: z.string(),
  /** Of an old one: drained until then, RFC 3339. */
  until: z.string().exactOptional(),
  /** The value of the rotate-key annotation that was acted on last. */
  rotated: z.string().exactOptional(),
  /** On the fallback platform: the one that is out. */
  insteadOf: z.string().exactOptional(),
  /** With it: when to try that one again, RFC 3339. */
  returnAt: z.string().exactOptional(),
  /** Where the budget sent it: the platform that the channel is at home on without that. */
  sentFrom: z.string().exactOptional(),
});
export type StreamRecord = z.infer<typeof streamRecordSchema>;
export type Slot = z.infer<typeof slotSchema>;
export const otherSlot = (slot: Slot): Slot => (slot === 0 ? 1 : 0);
/** The slots that a record takes up. */
export const slotsOf = ({ slot, standby: spare }: StreamRecord): readonly Slot[] =>
  [slot, spare?.slot].filter((each) => each !== undefined);

/** The records carry the channel's uid: annotations are copied along when a channel is made from another's manifest. */
const memorySchema = z.object({ channel: z.string(), streams: z.array(streamRecordSchema) });

/** By metadata, which never change: a line of a thousand channels is looked through again and again. */
const read = new WeakMap<LiveChannel['metadata'], readonly StreamRecord[]>();

/** What the channel's annotation records of its streams: the memory that outlives the operator. */
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
  // One that cannot be read is as good as none: names are deterministic, and the sweep finds what nobody recorded.
  return memory.success && memory.data.channel === metadata.uid ? memory.data.streams : [];
}

/** The annotations that say so. */
export function streamRecordAnnotations(
  channelUid: string,
  records: readonly StreamRecord[],
): Record<string, string> {
  if (records.length === 0) return {};
  return { [annotations.streams]: JSON.stringify({ channel: channelUid, streams: records }) };
}

/** The stream that viewers are sent to, or the one that is made for them first. */
export function activeRecord(channel: Pick<LiveChannel, 'metadata'>): StreamRecord | undefined {
  return streamRecords(channel).find(({ role }) => role === 'active');
}

/** Whether both are of one stream: a channel has at most one of a name on a platform. */
export function sameStream(
  a: Pick<StreamRecord, 'platform' | 'name'>,
  b: Pick<StreamRecord, 'platform' | 'name'>,
): boolean {
  return a.platform === b.platform && a.name === b.name;
}
