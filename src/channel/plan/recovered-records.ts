import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { StreamHint } from '../../api/annotations/legacy-stream-records.ts';
import { annotations } from '../../api/names.ts';
import { MAX_STREAM_RECORDS } from '../../api/stream-record.ts';
import {
  annotationMark,
  sameStream,
  slotsOf,
  type IdleRecord,
  type Slot,
  type StreamRecord,
} from '../../api/stream-records.ts';

/** A stream that its platform says is the channel's. */
export interface FoundStream {
  readonly platform: string;
  readonly name: string;
  readonly id: string;
  readonly createdAt: Date | undefined;
}

/** What is known of a channel whose records are lost. */
export interface LostMemory {
  readonly channel: LiveChannel;
  /** What an earlier version noted about its streams. */
  readonly hints: readonly StreamHint[];
  /** The stream that the channel should have now, if that is known. */
  readonly desired: Pick<StreamRecord, 'platform' | 'name'> | undefined;
  /** The slot with a relay pod, if there is one. */
  readonly slot: Slot | undefined;
}

/**
 * The records of a channel, rebuilt from the streams that the platforms say are the channel's. Viewers stay where they are:
 * on the stream in the status, or else on the one that the channel should have. All others are deleted.
 */
export function recoveredRecords(
  streams: readonly FoundStream[],
  memory: LostMemory,
  now: Date,
): readonly StreamRecord[] {
  const { status } = memory.channel;
  const known = (stream: FoundStream): boolean =>
    stream.id === status?.streamId && stream.platform === status.streamingPlatform;
  // A channel has one stream of a name; the sweep deletes the others.
  const distinct = byPreference(streams, known).filter(
    (stream, at, all) => all.findIndex((each) => sameStream(each, stream)) === at,
  );
  const active =
    distinct.find(known) ??
    distinct.find((stream) => hintFor(stream, memory)?.role === 'active') ??
    distinct.find(({ platform, name }) => memory.desired && sameStream(memory.desired, { platform, name })) ??
    distinct.at(-1);
  const ordered = distinct.toSorted((one, other) => Number(other === active) - Number(one === active));
  const taken = new Set<Slot>();
  return ordered.slice(0, MAX_STREAM_RECORDS).map((stream) => {
    const record =
      stream === active ? activeRecord(stream, memory, now) : otherRecord(stream, memory, taken, now);
    for (const slot of slotsOf(record)) taken.add(slot);
    return record;
  });
}

/** The one in the status first, then the oldest. */
function byPreference(
  streams: readonly FoundStream[],
  known: (stream: FoundStream) => boolean,
): readonly FoundStream[] {
  const age = ({ createdAt }: FoundStream): number => createdAt?.getTime() ?? 0;
  return streams.toSorted((one, other) => Number(known(other)) - Number(known(one)) || age(one) - age(other));
}

function hintFor(stream: FoundStream, { hints }: LostMemory): StreamHint | undefined {
  return hints.find((hint) => sameStream(hint, stream));
}

function activeRecord(stream: FoundStream, memory: LostMemory, now: Date): StreamRecord {
  const hint = hintFor(stream, memory);
  const { platform, name, id } = stream;
  const since = now.toISOString();
  if (hint?.slot !== undefined) {
    const { until: _until, ...rest } = hint;
    return { ...rest, role: 'active', id };
  }
  const idle = idleOf(memory.channel);
  const rotated = annotationMark(memory.channel, annotations.rotateKey);
  return {
    role: 'active',
    platform,
    name,
    id,
    slot: memory.slot ?? 0,
    epoch: Math.floor(now.getTime() / 1_000),
    attempt: now.getTime().toString(36),
    since,
    ...(idle === undefined ? {} : { idle }),
    // What was requested before the loss was done before the loss.
    ...(rotated === undefined ? {} : { rotated }),
  };
}

/** A migration is continued where it is known; otherwise the stream is deleted, and created again if it is needed. */
function otherRecord(
  stream: FoundStream,
  memory: LostMemory,
  taken: ReadonlySet<Slot>,
  now: Date,
): StreamRecord {
  const hint = hintFor(stream, memory);
  const { platform, name, id } = stream;
  const fits = hint !== undefined && slotsOf(hint).every((slot) => !taken.has(slot));
  if (fits && hint.role !== 'active') return { ...hint, id };
  const time = now.toISOString();
  return {
    role: 'draining',
    platform,
    name,
    id,
    attempt: now.getTime().toString(36),
    since: time,
    until: time,
  };
}

/** An idle relay stays idle. */
function idleOf(channel: LiveChannel): IdleRecord | undefined {
  const { status } = channel;
  const resume = annotationMark(channel, annotations.resume);
  const since = status?.relay?.idleSince;
  if (since === undefined || Number.isNaN(Date.parse(since))) return undefined;
  const hasHost = findCondition(status?.conditions, 'HostPresent')?.status === 'True';
  const why = status?.effectiveStreamMode === 'agora-only' ? 'agora' : hasHost ? 'no-viewers' : 'no-host';
  return {
    since: new Date(since).toISOString(),
    why,
    ...(resume === undefined ? {} : { resume }),
  };
}
