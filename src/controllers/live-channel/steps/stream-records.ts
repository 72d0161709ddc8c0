import type { LiveChannel } from '../../../api/live-channel.ts';
import { annotations, FIELD_MANAGER, STREAM_FINALIZER } from '../../../api/names.ts';
import {
  sameStream,
  streamRecordAnnotations,
  streamRecords,
  type StreamRecord,
} from '../../../api/annotations/stream-records.ts';
import { liveChannelType } from '../../../api/kinds.ts';
import type { ReconcilerDeps } from '../deps.ts';

/** Names a wish to create a stream: the same for every repetition of it. */
export function createAttemptKey({ metadata }: LiveChannel, { attempt, name }: StreamRecord): string {
  return `${metadata.uid}/${name}/${attempt}`;
}

/** Writes the finalizer and the records; one write: either both are there or none. */
export async function writeRecords(
  channel: LiveChannel,
  records: readonly StreamRecord[],
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace, uid } = channel.metadata;
  const stated = streamRecordAnnotations(uid, records);
  const before = new Set(streamRecords(channel).map((record) => createAttemptKey(channel, record)));
  const recorded = await tools.client.apply(
    liveChannelType,
    { metadata: { name, namespace, uid, finalizers: [STREAM_FINALIZER], annotations: stated } },
    { fieldManager: FIELD_MANAGER, force: true, signal },
  );
  for (const record of records) {
    const wish = createAttemptKey(channel, record);
    if (record.id === undefined && !before.has(wish)) tools.creates.recorded(wish);
  }
  tools.objects.rememberChannel(await withoutLeftovers(recorded, records, tools, signal));
}

/** Replaces one record; undefined takes it out. */
export async function noteRecord(
  channel: LiveChannel,
  record: StreamRecord,
  noted: StreamRecord | undefined,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<void> {
  const records = streamRecords(channel).flatMap((each) =>
    sameStream(each, record) ? (noted === undefined ? [] : [noted]) : [each],
  );
  await writeRecords(channel, records, tools, signal);
  if (noted?.attempt !== record.attempt || noted.id !== undefined)
    tools.creates.forget(createAttemptKey(channel, record));
}

/**
 * Applying takes back what only we stated. A channel made from what `kubectl get -o yaml` or a backup said has our
 * annotation as the user's own words too, and that is struck out here.
 */
async function withoutLeftovers(
  channel: LiveChannel,
  records: readonly StreamRecord[],
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<LiveChannel> {
  if (records.length > 0 || channel.metadata.annotations?.[annotations.streams] === undefined) return channel;
  const { uid } = channel.metadata;
  const patch = { metadata: { uid, annotations: { [annotations.streams]: null } } };
  return tools.client.patchMerge(liveChannelType, channel.metadata, patch, { signal });
}
