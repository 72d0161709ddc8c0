import { z } from 'zod';
import { parseJson } from '../../base/parse-json.ts';
import type { LiveChannel } from '../live-channel.ts';
import { annotations } from '../names.ts';
import { MAX_STREAM_RECORDS, streamRecordSchema, type StreamRecord } from '../stream-record.ts';

/** What a record of an earlier version says about a stream, except which stream of the platform it is. */
export type StreamHint = Omit<StreamRecord, 'id' | 'provisioned'>;

/** Longer than any annotation that an earlier version wrote. */
const MAX_LENGTH = 16_384;
const memorySchema = z.object({
  channel: z.string(),
  streams: z.array(z.unknown()).max(MAX_STREAM_RECORDS),
});

/**
 * Earlier versions kept the records in an annotation, which whoever may edit the channel may write. They are read once,
 * when the channel is first reconciled by this version, and only as hints about streams that the platform says are the
 * channel's: roles, slots and times. An ID is never taken from here.
 */
export function legacyStreamHints({ metadata }: Pick<LiveChannel, 'metadata'>): readonly StreamHint[] {
  const text = metadata.annotations?.[annotations.streams] ?? '';
  if (text === '' || text.length > MAX_LENGTH) return [];
  const memory = memorySchema.safeParse(parseJson(text));
  if (!memory.success || memory.data.channel !== metadata.uid) return [];
  return memory.data.streams.flatMap((stream) => {
    const record = streamRecordSchema.safeParse(stream);
    if (!record.success) return [];
    const { id: _id, provisioned: _provisioned, ...hint } = record.data;
    return [hint];
  });
}
