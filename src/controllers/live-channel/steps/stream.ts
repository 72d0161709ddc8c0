import { annotations, STREAM_FINALIZER } from '../../../api/names.ts';
import type { Step } from '../../../channel/plan/next-step.ts';
import { activeRecord, forgotten, type StreamRecord } from '../../../api/stream-records.ts';
import { removeFinalizer } from '../../../kube/finalizers.ts';
import { sameOnTheWire } from '../../../kube/status.ts';
import { PlatformError } from '../../../platforms/errors.ts';
import { isSameOwner } from '../../../platforms/owner-tags.ts';
import { streamId, type ObservedStream, type ProvisionedStream } from '../../../platforms/platform.ts';
import type { OpenPlatform } from '../../../cluster/platform-directory.ts';
import { liveChannelType } from '../../../api/kinds.ts';
import { foreignSecret, provisionedRecord, writeSecret } from './secret.ts';
import { capacityOf } from '../../platforms/stream-quota.ts';
import { withPlatform, withStream } from './with-platform.ts';
import { ownerOf } from '../../../cluster/stream-ownership.ts';
import { noteRecord, createAttemptKey } from './stream-records.ts';
import { done, type ActionContext, type StepContext, type StepOutcome } from '../deps.ts';
import { QUOTA_REQUEUE_MS } from '../../../channel/timing.ts';
import { STREAM_REQUEUE_MS } from '../../timing.ts';

/**
 * Finds or creates the stream, records its id and details, and writes the Secret with its ingest details. A create that may have
 * taken effect is not repeated before the stream would show in the list of the platform.
 */
export async function ensureStream(context: StepContext, record: StreamRecord): Promise<StepOutcome> {
  const { slot } = record;
  if (slot === undefined) return done;
  return withStream(context, record, done, async (streamState, platform) => {
    const conflict = streamState.secretExists ? undefined : await foreignSecret(context, slot);
    if (conflict !== undefined) return conflict;
    const stream = await findOrCreate(context, record, platform);
    if (!('id' in stream)) return stream;
    context.deps.platforms.notePlayback(record.platform, stream.playbackUrl);
    // The record first: a Secret is compared with it.
    const noted = { ...record, id: stream.id, provisioned: provisionedRecord(stream) };
    if (!sameOnTheWire(noted, record)) await noteRecord(context, record, noted);
    await writeSecret(context, streamState, stream);
    if (record.id !== undefined) return done;
    context.deps.event(
      'Normal',
      'StreamCreated',
      `Stream ${stream.id} is ready on platform ${record.platform}`,
    );
    return done;
  });
}

async function findOrCreate(
  context: ActionContext,
  record: StreamRecord,
  platform: OpenPlatform,
): Promise<ProvisionedStream | StepOutcome> {
  const { channel, deps, signal } = context;
  const { driver } = platform;
  const owner = ownerOf(channel, record.platform, deps.clusterId);
  const attemptKey = createAttemptKey(channel, record);
  if (record.id !== undefined) {
    const known = await driver.openStream({ id: streamId(record.id), owner }, signal);
    if (known !== undefined) return known;
    await noteRecord(context, record, forgotten(record, deps.clock.now().getTime().toString(36)));
    return done;
  }
  const existing = deps.creates.isFirst(attemptKey) ? [] : await ownStreams(context, record, platform);
  for (const { id } of existing) {
    const stream = await driver.openStream({ id, owner }, signal);
    if (stream !== undefined) return stream; // otherwise the list was out of date and the stream is gone
  }
  const { idempotentCreate, settleSeconds } = driver.capabilities;
  const waitMs = idempotentCreate ? 0 : deps.creates.unsettledMs(attemptKey, settleSeconds);
  if (waitMs > 0) return { requeueAfterMs: Math.min(waitMs, STREAM_REQUEUE_MS) };
  const refused = deps.quota.refusal(channel, capacityOf(platform));
  if (refused !== undefined)
    return { failed: { part: 'stream', ...refused }, requeueAfterMs: QUOTA_REQUEUE_MS };

  const { latency, access, recording } = channel.spec.playback;
  deps.creates.sent(attemptKey);
  try {
    const { name, attempt } = record;
    const created = await driver.createStream({ name, attempt, owner, latency, access, recording }, signal);
    deps.quota.noteAvailable(record.platform);
    deps.platforms.noteSuccess(platform);
    return created;
  } catch (error) {
    if (error instanceof PlatformError && error.outcome === 'none') deps.creates.refused(attemptKey);
    else deps.creates.unanswered(attemptKey);
    if (error instanceof PlatformError && error.reason === 'QuotaExceeded')
      deps.quota.noteFull(
        record.platform,
        channel.metadata.uid,
        `StreamingPlatform ${record.platform}: ${error.message}`,
      );
    throw error;
  }
}

/** Rotates the stream key, as the annotation requests, and writes the new key to the Secret. */
export async function rotateKey(
  context: StepContext,
  { record, requested }: Extract<Step, { do: 'rotate-key' }>,
): Promise<StepOutcome> {
  if (record.id === undefined) return done;
  const { channel, deps, signal } = context;
  const id = streamId(record.id);
  const owner = ownerOf(channel, record.platform, deps.clusterId);
  return withStream(context, record, done, async (streamState, platform) => {
    const stream = await platform.driver.rotateKey({ id, owner }, signal);
    if (stream === undefined) {
      await noteRecord(context, record, { ...record, rotated: requested });
      return done;
    }
    const provisioned = provisionedRecord(stream);
    await noteRecord(context, record, { ...record, provisioned, rotated: requested });
    await writeSecret(context, streamState, stream);
    deps.event(
      'Normal',
      'KeyRotated',
      `Stream ${id} has a new key, as annotation ${annotations.rotateKey} requests`,
    );
    return done;
  });
}

/** Deletes the stream of the record, then the record. */
export function deleteStream(context: StepContext, record: StreamRecord): Promise<StepOutcome> {
  return withPlatform(context, record, 'deleted', async (platform) => {
    const requeueAfterMs = await clearStream(context, record, platform);
    if (requeueAfterMs !== undefined) return { requeueAfterMs };
    await noteRecord(context, record, undefined);
    context.deps.quota.noteFreed(record.platform);
    return done;
  });
}

/**
 * Deletes all streams that the platform has for the record. Returns undefined when they are gone, or the time in ms
 * after which to try again. Where a retried create may have created two streams, both are searched for; where a stream
 * may not show in the list yet, that is awaited.
 */
export async function clearStream(
  context: ActionContext,
  record: StreamRecord,
  platform: OpenPlatform,
): Promise<number | undefined> {
  const { channel, deps, signal } = context;
  const { driver } = platform;
  const { idempotentCreate, settleSeconds } = driver.capabilities;
  const known = await recordedStream(context, record, platform);
  const others =
    record.id !== undefined && idempotentCreate ? [] : await ownStreams(context, record, platform);
  const ids = new Set([...(known === undefined ? [] : [known.id]), ...others.map(({ id }) => id)]);
  const owner = ownerOf(channel, record.platform, deps.clusterId);
  for (const id of ids) {
    if (!(await driver.deleteStream({ id, owner }, signal))) return STREAM_REQUEUE_MS;
    deps.event('Normal', 'StreamDeleted', `Deleted stream ${id} on platform ${record.platform}`);
  }
  if (record.id !== undefined) return undefined;
  const waitMs = deps.creates.unsettledMs(createAttemptKey(channel, record), settleSeconds);
  return waitMs > 0 ? Math.min(waitMs, STREAM_REQUEUE_MS) : undefined;
}

/** The stream with the recorded id, if this channel owns it. */
async function recordedStream(
  { channel, deps, signal }: ActionContext,
  { id, platform }: StreamRecord,
  { driver }: OpenPlatform,
): Promise<ObservedStream | undefined> {
  if (id === undefined) return undefined;
  const owner = ownerOf(channel, platform, deps.clusterId);
  const stream = await driver.observeStream({ id: streamId(id), owner }, signal);
  // A platform without tags has nothing to delete or to disown.
  return isSameOwner(stream?.owner, owner) ? stream : undefined;
}

async function ownStreams(
  { channel, deps, signal }: ActionContext,
  record: StreamRecord,
  { driver }: OpenPlatform,
): Promise<readonly ObservedStream[]> {
  return driver.findStreams(record.name, ownerOf(channel, record.platform, deps.clusterId), signal);
}

/** Removes the finalizer. A retained stream is disowned first, because the orphan sweep could delete it otherwise. */
export async function release(context: StepContext): Promise<StepOutcome> {
  const { channel, deps, signal } = context;
  const record = activeRecord(channel);
  if (record !== undefined) {
    const outcome = await withPlatform(context, record, 'retained', (platform) =>
      disown(context, record, platform),
    );
    if (outcome !== done) return outcome;
  }
  const remaining = await removeFinalizer(deps.client, liveChannelType, channel, STREAM_FINALIZER, {
    signal,
  });
  if (remaining !== undefined) deps.objects.rememberChannel(remaining);
  return { released: true };
}

/** Removes the owner tag from the stream, so that it stays on the platform. */
export async function disown(
  context: ActionContext,
  record: StreamRecord,
  platform: OpenPlatform,
): Promise<StepOutcome> {
  const [stream] =
    record.id === undefined
      ? await ownStreams(context, record, platform)
      : [await recordedStream(context, record, platform)];
  if (stream === undefined) return done;
  const owner = ownerOf(context.channel, record.platform, context.deps.clusterId);
  await platform.driver.disownStream({ id: stream.id, owner }, context.signal);
  context.deps.event(
    'Normal',
    'StreamRetained',
    `Stream ${stream.id} was kept on platform ${record.platform}`,
  );
  return done;
}
