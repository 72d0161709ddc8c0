import type { LiveChannel } from '../../../api/live-channel.ts';
import { annotations, FIELD_MANAGER, STREAM_FINALIZER } from '../../../api/names.ts';
import {
  sameStream,
  streamRecordAnnotations,
  streamRecords,
  type StreamRecord,
} from '../../../api/annotations/stream-records.ts';
import { liveChannelType } from '../../../api/kinds.ts';
import type { ActionContext } from '../deps.ts';

/** Identifies one attempt to create a stream. It is the same for all retries of the attempt. */
export function createAttemptKey({ metadata }: LiveChannel, { attempt, name }: StreamRecord): string {
  return `${metadata.uid}/${name}/${attempt}`;
}

/** Writes the finalizer and the records in a single write, so that there is never one without the other. */
export async function writeRecords(context: ActionContext, records: readonly StreamRecord[]): Promise<void> {
  const { channel, deps, signal } = context;
  const { name, namespace, uid } = channel.metadata;
  const recordAnnotations = streamRecordAnnotations(uid, records);
  const before = new Set(streamRecords(channel).map((record) => createAttemptKey(channel, record)));
  const recorded = await deps.client.apply(
    liveChannelType,
    { metadata: { name, namespace, uid, finalizers: [STREAM_FINALIZER], annotations: recordAnnotations } },
    { fieldManager: FIELD_MANAGER, force: true, signal },
  );
  for (const record of records) {
    const attempt = createAttemptKey(channel, record);
    if (record.id === undefined && !before.has(attempt)) deps.creates.recorded(attempt);
  }
  deps.objects.rememberChannel(await withoutLeftovers(context, recorded, records));
}

/** Replaces one record with `noted`; undefined removes the record. */
export async function noteRecord(
  context: ActionContext,
  record: StreamRecord,
  noted: StreamRecord | undefined,
): Promise<void> {
  const { channel, deps } = context;
  const records = streamRecords(channel).flatMap((each) =>
    sameStream(each, record) ? (noted === undefined ? [] : [noted]) : [each],
  );
  await writeRecords(context, records);
  if (noted?.attempt !== record.attempt || noted.id !== undefined)
    deps.creates.forget(createAttemptKey(channel, record));
}

/**
 * Removes the annotation when there are no records. Server-side apply removes only fields that no other manager owns,
 * and the annotation of a channel that was created from `kubectl get -o yaml` or a backup has the user as a manager.
 */
async function withoutLeftovers(
  { deps, signal }: ActionContext,
  channel: LiveChannel,
  records: readonly StreamRecord[],
): Promise<LiveChannel> {
  if (records.length > 0 || channel.metadata.annotations?.[annotations.streams] === undefined) return channel;
  const { uid } = channel.metadata;
  const patch = { metadata: { uid, annotations: { [annotations.streams]: null } } };
  return deps.client.patchMerge(liveChannelType, channel.metadata, patch, { signal });
}
