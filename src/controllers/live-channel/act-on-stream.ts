import type { LiveChannel } from '../../api/live-channel.ts';
import { FIELD_MANAGER, STREAM_FINALIZER } from '../../api/names.ts';
import type { Problem } from '../../channel/observed.ts';
import {
  streamAnnotations,
  streamRecord,
  streamRecordAnnotations,
  type StreamRecord,
} from '../../channel/ownership.ts';
import { removeFinalizer } from '../../kube/finalizers.ts';
import { PlatformError } from '../../platforms/errors.ts';
import { streamId, type Platform, type StreamId, type StreamOwner } from '../../platforms/platform.ts';
import { streamName } from '../../platforms/stream-name.ts';
import { liveChannelType } from '../resource-types.ts';
import { foreignSecret, writeSecret } from './act-on-secret.ts';
import type { Scene } from './observe.ts';
import { done, type Outcome, type Tools } from './tools.ts';

/** The finalizer and the record are one write: either both are there or none. */
export async function recordStream(
  channel: LiveChannel,
  record: StreamRecord | undefined,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  const { name, namespace, uid } = channel.metadata;
  const annotations = streamRecordAnnotations(record);
  const recorded = await tools.client.apply(
    liveChannelType,
    { metadata: { name, namespace, uid, finalizers: [STREAM_FINALIZER], annotations } },
    { fieldManager: FIELD_MANAGER, force: true, signal },
  );
  tools.objects.rememberChannel(await withoutLeftovers(recorded, annotations, tools, signal));
  return done;
}

/**
 * Applying takes back what only we stated. A channel made from what `kubectl get -o yaml` or a backup said has our
 * annotations as the user's own words too, and those are struck out here.
 */
async function withoutLeftovers(
  channel: LiveChannel,
  stated: Readonly<Record<string, string>>,
  tools: Tools,
  signal: AbortSignal,
): Promise<LiveChannel> {
  const left = Object.values(streamAnnotations).filter(
    (name) => channel.metadata.annotations?.[name] !== undefined && !(name in stated),
  );
  if (left.length === 0) return channel;
  const { uid } = channel.metadata;
  const patch = { metadata: { uid, annotations: Object.fromEntries(left.map((name) => [name, null])) } };
  return tools.client.patchMerge(liveChannelType, channel.metadata, patch, { signal });
}

export async function ensureStream(scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  const { channel } = scene.observed;
  if (!scene.platform.ok) return done;
  const { name, driver } = scene.platform.value;
  const owner = ownerOf(channel, tools.clusterId);
  const inTheWay = scene.secret === undefined ? await foreignSecret(channel, tools, signal) : undefined;
  if (inTheWay !== undefined) return inTheWay;
  try {
    const stream = await driver.ensureStream(
      { name: streamName(owner), owner, ...channel.spec.playback },
      signal,
    );
    const known = scene.observed.secret?.streamId === stream.id && scene.observed.stream !== 'gone';
    const ingest = { ...stream, streamId: stream.id, platform: name, ingestCa: stream.ingestCa };
    await writeSecret(scene, ingest, tools, signal);
    if (!known) tools.event('Normal', 'StreamCreated', `Stream ${stream.id} is ready on platform ${name}`);
    return done;
  } catch (error) {
    return platformFailure(error, `StreamingPlatform ${name}`);
  }
}

export async function deleteStream(
  channel: LiveChannel,
  record: StreamRecord,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  const what = `StreamingPlatform ${record.platform}`;
  const platform = await tools.platforms.open(record.platform, signal);
  if (!platform.ok) return unreachable(channel, record, platform.problem, 'be deleted');
  const { driver } = platform.value;
  try {
    const id = await recordedStream(channel, record, driver, tools, signal);
    const gone = id === undefined || (await driver.deleteStream(id, signal));
    if (!gone) return { againAfterMs: 2_000 };
    if (id !== undefined)
      tools.event('Normal', 'StreamDeleted', `Deleted stream ${id} on platform ${record.platform}`);
    await recordStream(channel, undefined, tools, signal);
    return done;
  } catch (error) {
    return platformFailure(error, what);
  }
}

/**
 * The stream of the record or, between a create and its record, the one that has the channel's name. Never one that
 * belongs to another channel: annotations are copied along when a channel is made from another one's manifest.
 */
export async function recordedStream(
  channel: LiveChannel,
  record: StreamRecord,
  driver: Platform,
  tools: Tools,
  signal: AbortSignal,
): Promise<StreamId | undefined> {
  const us = ownerOf(channel, tools.clusterId);
  if (record.streamId === undefined) {
    const name = streamName(us);
    return (await driver.listStreams(signal)).find((stream) => stream.name === name)?.id;
  }
  const stream = await driver.observeStream(streamId(record.streamId), signal);
  const ours = stream?.owner?.clusterId === us.clusterId && stream.owner.channelUid === us.channelUid;
  return ours ? stream.id : undefined;
}

export async function release(
  channel: LiveChannel,
  retained: boolean,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  const record = streamRecord(channel);
  if (retained && record !== undefined) {
    const platform = await tools.platforms.open(record.platform, signal);
    // Not disowned, it would be an orphan one day, and be deleted.
    if (!platform.ok) return unreachable(channel, record, platform.problem, 'be retained');
    try {
      const { driver } = platform.value;
      const id = await recordedStream(channel, record, driver, tools, signal);
      if (id !== undefined) {
        await driver.disownStream(id, signal);
        tools.event('Normal', 'StreamRetained', `Stream ${id} stays on platform ${record.platform}`);
      }
    } catch (error) {
      return platformFailure(error, `StreamingPlatform ${record.platform}`);
    }
  }
  const left = await removeFinalizer(tools.client, liveChannelType, channel, STREAM_FINALIZER, { signal });
  if (left !== undefined) tools.objects.rememberChannel(left);
  return { released: true };
}

/** The platform that holds the stream cannot be asked. */
function unreachable(channel: LiveChannel, record: StreamRecord, problem: Problem, what: string): Outcome {
  const wayOut =
    channel.metadata.deletionTimestamp === undefined
      ? `annotation ${streamAnnotations.platform}`
      : `finalizer ${STREAM_FINALIZER}`;
  return {
    failed: {
      part: 'stream',
      reason: problem.reason,
      message:
        `Stream ${record.streamId ?? '(id not known)'} cannot ${what}: ${problem.message} Put it back, or, where the ` +
        `stream does not matter any more, remove the ${wayOut} from this LiveChannel.`,
    },
    againAfterMs: 10_000,
  };
}

function ownerOf(channel: LiveChannel, clusterId: string): StreamOwner {
  const { uid, namespace, name } = channel.metadata;
  return { clusterId, channelUid: uid, channel: `${namespace ?? ''}/${name}` };
}

function platformFailure(error: unknown, what: string): Outcome {
  if (!(error instanceof PlatformError)) throw error;
  return {
    failed: { part: 'stream', reason: error.reason, message: `${what}: ${error.message}` },
    againAfterMs: error.retryable ? 5_000 : 15_000,
  };
}
