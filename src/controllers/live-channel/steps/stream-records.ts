import type { LiveChannel } from '../../../api/live-channel.ts';
import { FIELD_MANAGER, STREAM_FINALIZER, STREAMS_FIELD_MANAGER } from '../../../api/names.ts';
import { memoryOf, sameStream, streamRecords, type StreamRecord } from '../../../api/stream-records.ts';
import { liveChannelType } from '../../../api/kinds.ts';
import { CodedError } from '../../../base/errors.ts';
import { hasFinalizer } from '../../../kube/finalizers.ts';
import { sameOnTheWire } from '../../../kube/status.ts';
import type { ActionContext } from '../deps.ts';

/** Identifies one attempt to create a stream. It is the same for all retries of the attempt. */
export function createAttemptKey({ metadata }: LiveChannel, { attempt, name }: StreamRecord): string {
  return `${metadata.uid}/${name}/${attempt}`;
}

/** The API server did not keep the records, so that no stream may be created: it would not be remembered. */
export class RecordsNotKeptError extends CodedError {
  override readonly name = 'RecordsNotKeptError';
  readonly code = 'RECORDS_NOT_KEPT';
  readonly retryable = true;
}

/**
 * Writes the finalizer, if it is missing, and then the records. The finalizer comes first: a channel with records always has
 * it. After a crash in between, a channel with the finalizer and without records makes the operator search for streams.
 */
export async function writeRecords(context: ActionContext, records: readonly StreamRecord[]): Promise<void> {
  const { channel, deps, signal } = context;
  const { name, namespace, uid } = channel.metadata;
  const before = new Set(streamRecords(channel).map((record) => createAttemptKey(channel, record)));
  const isFirst = memoryOf(channel) === 'new';
  if (!hasFinalizer(channel, STREAM_FINALIZER))
    deps.objects.rememberChannel(
      await deps.client.apply(
        liveChannelType,
        { metadata: { name, namespace, uid, finalizers: [STREAM_FINALIZER] } },
        { fieldManager: FIELD_MANAGER, force: true, signal },
      ),
    );
  const written = await deps.client.applyStatus(
    liveChannelType,
    { metadata: { name, namespace, uid }, status: { streams: [...records] } },
    { fieldManager: STREAMS_FIELD_MANAGER, force: true, signal },
  );
  if (!sameOnTheWire(written.status?.streams, records))
    throw new RecordsNotKeptError(
      'The CustomResourceDefinition of LiveChannel in this cluster does not know status.streams. Apply the ' +
        'definitions of this version (docs/install/upgrade.md); until then, no stream is created.',
    );
  for (const record of records) {
    const attempt = createAttemptKey(channel, record);
    if (record.id === undefined && !before.has(attempt)) deps.creates.recorded(attempt, { uid, isFirst });
  }
  deps.objects.rememberChannel(written);
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
