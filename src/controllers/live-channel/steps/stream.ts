import type { LiveChannel } from '../../../api/live-channel.ts';
import { annotations, STREAM_FINALIZER } from '../../../api/names.ts';
import type { Step } from '../../../channel/plan/next-step.ts';
import type { StreamState, Problem } from '../../../channel/state.ts';
import { activeRecord, type StreamRecord } from '../../../api/annotations/stream-records.ts';
import { removeFinalizer } from '../../../kube/finalizers.ts';
import { PlatformError } from '../../../platforms/errors.ts';
import {
  streamId,
  type ObservedStream,
  type ProvisionedStream,
  type StreamOwner,
} from '../../../platforms/platform.ts';
import type { OpenPlatform } from '../../../cluster/platform-directory.ts';
import type { IngestDetails } from '../../relays/relay-secret.ts';
import { liveChannelType } from '../../../api/kinds.ts';
import { foreignSecret, writeSecret } from './secret.ts';
import { capacityOf } from './capacity.ts';
import { streamOfRecord, type ChannelState } from '../observe.ts';
import { noteRecord, createAttemptKey } from './stream-records.ts';
import { done, type StepOutcome, type ReconcilerDeps } from '../deps.ts';

/** Finds the stream, or has it made, writes the Secret that leads to it, and records its id. */
export async function ensureStream(
  state: ChannelState,
  record: StreamRecord,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { channel } = state.observed;
  const streamState = streamOfRecord(state, record);
  const platform = await tools.platforms.open(record.platform, signal);
  if (!platform.ok || streamState === undefined || record.slot === undefined) return done;
  const inTheWay = streamState.secretExists
    ? undefined
    : await foreignSecret(channel, record.slot, tools, signal);
  if (inTheWay !== undefined) return inTheWay;
  return orFailure(platform.value, tools, async () => {
    const stream = await findOrCreate(channel, record, platform.value, tools, signal);
    if (!('id' in stream)) return stream;
    await writeSecret(state, streamState, ingestOf(stream, record), tools, signal);
    if (record.id !== undefined) return done;
    await noteRecord(channel, record, { ...record, id: stream.id }, tools, signal);
    tools.event('Normal', 'StreamCreated', `Stream ${stream.id} is ready on platform ${record.platform}`);
    return done;
  });
}

async function findOrCreate(
  channel: LiveChannel,
  record: StreamRecord,
  platform: OpenPlatform,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<ProvisionedStream | StepOutcome> {
  const { driver } = platform;
  const wish = createAttemptKey(channel, record);
  if (record.id !== undefined) {
    const known = await driver.openStream(streamId(record.id), signal);
    if (known !== undefined) return known;
    const { id: _id, ...forgotten } = record;
    const attempt = tools.clock.now().getTime().toString(36);
    await noteRecord(channel, record, { ...forgotten, attempt }, tools, signal);
    return done;
  }
  const firstEver = tools.creates.isFresh(wish) && channel.status?.streamId === undefined;
  const found = firstEver ? [] : await ownStreams(channel, record, platform, tools, signal);
  for (const { id } of found) {
    const there = await driver.openStream(id, signal);
    if (there !== undefined) return there; // else the list was behind: it is gone
  }
  const { idempotentCreate, settleSeconds } = driver.capabilities;
  const waitMs = idempotentCreate ? 0 : tools.creates.unsettledMs(wish, settleSeconds);
  if (waitMs > 0) return { requeueAfterMs: Math.min(waitMs, 2_000) };
  const refused = tools.quota.refusal(channel, capacityOf(platform));
  if (refused !== undefined) return { failed: { part: 'stream', ...refused }, requeueAfterMs: 15_000 };

  const { latency, access, recording } = channel.spec.playback;
  const owner = ownerOf(channel, record.platform, tools.clusterId);
  tools.creates.sent(wish);
  try {
    const { name, attempt } = record;
    const made = await driver.createStream({ name, attempt, owner, latency, access, recording }, signal);
    tools.quota.noteAvailable(record.platform);
    tools.platforms.noteSuccess(platform);
    return made;
  } catch (error) {
    if (error instanceof PlatformError && error.outcome === 'none') tools.creates.refused(wish);
    else tools.creates.unanswered(wish);
    if (error instanceof PlatformError && error.reason === 'QuotaExceeded')
      tools.quota.noteFull(
        record.platform,
        channel.metadata.uid,
        `StreamingPlatform ${record.platform}: ${error.message}`,
      );
    throw error;
  }
}

export async function rotateKey(
  state: ChannelState,
  { record, wish }: Extract<Step, { do: 'rotate-key' }>,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { channel } = state.observed;
  const streamState = streamOfRecord(state, record);
  const platform = await tools.platforms.open(record.platform, signal);
  if (!platform.ok || streamState === undefined || record.id === undefined) return done;
  const id = streamId(record.id);
  return orFailure(platform.value, tools, async () => {
    const stream = await platform.value.driver.rotateKey(id, signal);
    if (stream !== undefined) {
      await writeSecret(state, streamState, ingestOf(stream, record), tools, signal);
      tools.event('Normal', 'KeyRotated', `Stream ${id} has a new key: ${annotations.rotateKey} asks for it`);
    }
    await noteRecord(channel, record, { ...record, rotated: wish }, tools, signal);
    return done;
  });
}

export async function deleteStream(
  channel: LiveChannel,
  record: StreamRecord,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const platform = await tools.platforms.open(record.platform, signal);
  if (!platform.ok) return unreachable(channel, record, platform.problem, 'be deleted');
  return orFailure(platform.value, tools, async () => {
    const againAfterMs = await clearStream(channel, record, platform.value, tools, signal);
    if (againAfterMs !== undefined) return { requeueAfterMs: againAfterMs };
    await noteRecord(channel, record, undefined, tools, signal);
    tools.quota.noteFreed(record.platform);
    return done;
  });
}

/**
 * Deletes what the platform has for the record; a number says when to ask again whether it is gone. Where a create can
 * make two, both are looked for; where one may still be on its way into the lists, that is waited for.
 */
export async function clearStream(
  channel: LiveChannel,
  record: StreamRecord,
  platform: OpenPlatform,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { driver } = platform;
  const { idempotentCreate, settleSeconds } = driver.capabilities;
  const known = await recordedStream(channel, record, platform, tools, signal);
  const others =
    record.id !== undefined && idempotentCreate
      ? []
      : await ownStreams(channel, record, platform, tools, signal);
  const ids = new Set([...(known === undefined ? [] : [known.id]), ...others.map(({ id }) => id)]);
  for (const id of ids) {
    if (!(await driver.deleteStream(id, signal))) return 2_000;
    tools.event('Normal', 'StreamDeleted', `Deleted stream ${id} on platform ${record.platform}`);
  }
  if (record.id !== undefined) return undefined;
  const waitMs = tools.creates.unsettledMs(createAttemptKey(channel, record), settleSeconds);
  return waitMs > 0 ? Math.min(waitMs, 2_000) : undefined;
}

/** The stream that the record names by its id, if it is this channel's. */
export async function recordedStream(
  channel: LiveChannel,
  { id, platform }: StreamRecord,
  { driver }: OpenPlatform,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<ObservedStream | undefined> {
  if (id === undefined) return undefined;
  const stream = await driver.observeStream(streamId(id), signal);
  return stream !== undefined && isOwn(stream, ownerOf(channel, platform, tools.clusterId))
    ? stream
    : undefined;
}

async function ownStreams(
  channel: LiveChannel,
  record: StreamRecord,
  { driver }: OpenPlatform,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<readonly ObservedStream[]> {
  const us = ownerOf(channel, record.platform, tools.clusterId);
  return (await driver.findStreams(record.name, signal)).filter((stream) => isOwn(stream, us));
}

function isOwn({ owner }: ObservedStream, us: StreamOwner): boolean {
  return (
    owner?.clusterId === us.clusterId && owner.channelUid === us.channelUid && owner.platform === us.platform
  );
}

export async function release(
  channel: LiveChannel,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const record = activeRecord(channel);
  if (record !== undefined) {
    const platform = await tools.platforms.open(record.platform, signal);
    // Not disowned, it would be an orphan one day, and be deleted.
    if (!platform.ok) return unreachable(channel, record, platform.problem, 'be retained');
    const failed = await orFailure(platform.value, tools, () =>
      disown(channel, record, platform.value, tools, signal),
    );
    if (failed !== done) return failed;
  }
  const left = await removeFinalizer(tools.client, liveChannelType, channel, STREAM_FINALIZER, { signal });
  if (left !== undefined) tools.objects.rememberChannel(left);
  return { released: true };
}

export async function disown(
  channel: LiveChannel,
  record: StreamRecord,
  platform: OpenPlatform,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const [stream] =
    record.id === undefined
      ? await ownStreams(channel, record, platform, tools, signal)
      : [await recordedStream(channel, record, platform, tools, signal)];
  if (stream === undefined) return done;
  await platform.driver.disownStream(stream.id, signal);
  tools.event('Normal', 'StreamRetained', `Stream ${stream.id} stays on platform ${record.platform}`);
  return done;
}

/** The platform that holds the stream cannot be asked. */
function unreachable(
  channel: LiveChannel,
  record: StreamRecord,
  problem: Problem,
  what: string,
): StepOutcome {
  const wayOut =
    channel.metadata.deletionTimestamp === undefined
      ? `annotation ${annotations.streams}`
      : `finalizer ${STREAM_FINALIZER}`;
  return {
    failed: {
      part: 'stream',
      reason: problem.reason,
      message:
        `Stream ${record.id ?? record.name} cannot ${what}: ${problem.message} Put it back, or, where the ` +
        `stream does not matter any more, remove the ${wayOut} from this LiveChannel.`,
    },
    requeueAfterMs: 10_000,
  };
}

export function ownerOf({ metadata }: LiveChannel, platform: string, clusterId: string): StreamOwner {
  const { uid, namespace, name } = metadata;
  return { clusterId, platform, channelUid: uid, channel: `${namespace ?? ''}/${name}` };
}

export function ingestOf(
  stream: ProvisionedStream,
  { platform, name }: StreamState['record'],
): IngestDetails {
  return { ...stream, streamId: stream.id, platform, streamName: name, ingestCa: stream.ingestCa };
}

/** A platform that refuses is something to read in the status; a right that is missing is the platform's, too. */
export async function orFailure(
  platform: OpenPlatform,
  tools: ReconcilerDeps,
  run: () => Promise<StepOutcome>,
): Promise<StepOutcome> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const { reason, retryable } = error;
    const message = `StreamingPlatform ${platform.name}: ${error.message}`;
    if (reason === 'PermissionDenied')
      tools.platforms.noteRefusal(platform, { reason, message: error.message });
    return { failed: { part: 'stream', reason, message }, requeueAfterMs: retryable ? 5_000 : 15_000 };
  }
}
