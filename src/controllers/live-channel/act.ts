import { randomBytes } from 'node:crypto';
import type { LiveChannel } from '../../api/live-channel.ts';
import { FIELD_MANAGER, STREAM_FINALIZER } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import { Secret } from '../../api/secret.ts';
import type { Failure, Problem } from '../../channel/observed.ts';
import { agoraSubject, relayConfig } from '../../channel/relay-config.ts';
import {
  madeFrom,
  relayPod,
  relayPodName,
  relaySecretName,
  type RelayImage,
} from '../../channel/relay-pod.ts';
import type { Digests, Step } from '../../channel/next-step.ts';
import {
  streamAnnotations,
  streamRecord,
  streamRecordAnnotations,
  type StreamRecord,
} from '../../channel/ownership.ts';
import { tokenFor } from '../../channel/agora-token.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import { podType, secretType, type Pod } from '../../kube/core-types.ts';
import { ApiError, isAlreadyExists } from '../../kube/errors.ts';
import { removeFinalizer } from '../../kube/finalizers.ts';
import { controllerReference, isControlledBy } from '../../kube/owners.ts';
import { PlatformError } from '../../platforms/errors.ts';
import { streamId, type Platform, type StreamId, type StreamOwner } from '../../platforms/platform.ts';
import { streamName } from '../../platforms/stream-name.ts';
import { mintAgoraToken } from '../agora-token.ts';
import { liveChannelType } from '../resource-types.ts';
import {
  digest,
  ingestDetails,
  relaySecretObject,
  secretValue,
  type IngestDetails,
} from '../relay-secret.ts';
import type { PlatformDirectory } from '../platform-directory.ts';
import type { ChannelObjects } from './objects.ts';
import type { Scene } from './observe.ts';

export interface Tools {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly platforms: PlatformDirectory;
  readonly objects: ChannelObjects;
  readonly clusterId: string;
  readonly relay: RelayImage;
  readonly tokenSeconds: number;
  /** Says what was done, on the channel. */
  readonly event: (type: 'Normal' | 'Warning', reason: Reason, message: string) => void;
}

/** A step was taken; `failed` says what stopped it, `againAfterMs` when to look again at something that takes time. */
export interface Outcome {
  readonly failed?: Failure;
  readonly againAfterMs?: number;
  /** The channel was let go: it is not ours any more, and probably nobody's. */
  readonly released?: boolean;
}

const done: Outcome = {};

/** Takes one step. Failures that a user can read something from come back; all others are thrown. */
export async function act(step: Step, scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  try {
    return await take(step, scene, tools, signal);
  } catch (error) {
    // The API server will not have it, e.g. for a quota, a webhook or a missing right: somebody has to mend that.
    if (!(error instanceof ApiError) || !(error.isForbidden || error.isInvalid)) throw error;
    const part = podSteps.has(step.do) ? 'relay' : 'stream';
    return { failed: { part, reason: 'ReconcileFailed', message: error.message }, againAfterMs: 15_000 };
  }
}

const podSteps: ReadonlySet<Step['do']> = new Set(['create-pod', 'delete-pod', 'announce-secret']);

async function take(step: Step, scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  const { channel } = scene.observed;
  switch (step.do) {
    case 'rest':
      return done;
    case 'record':
      await recordStream(channel, step.record, tools, signal);
      return done;
    case 'ensure-stream':
      return ensureStream(scene, tools, signal);
    case 'refresh-secret': {
      const ingest = ingestDetails(scene.secret);
      if (ingest !== undefined) await writeSecret(scene, ingest, tools, signal);
      return done;
    }
    case 'create-pod':
      return createPod(scene, tools, signal);
    case 'delete-pod':
      return deletePod(scene, step, tools, signal);
    case 'announce-secret':
      return announceSecret(scene, tools, signal);
    case 'delete-secret':
      await tools.client.delete(secretType, secretRef(channel), { signal });
      tools.objects.secretGone(channel);
      return done;
    case 'delete-stream':
      return deleteStream(channel, step.record, tools, signal);
    case 'release':
      return release(channel, step.retained, tools, signal);
  }
}

const secretRef = (channel: LiveChannel): { namespace: string; name: string } => ({
  namespace: channel.metadata.namespace ?? '',
  name: relaySecretName(channel.metadata.name),
});

/** The finalizer and the record are one write: either both are there or none. */
async function recordStream(
  channel: LiveChannel,
  record: StreamRecord | undefined,
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const recorded = await applyOwn(channel, [STREAM_FINALIZER], record, tools, signal);
  tools.objects.rememberChannel(await withoutLeftovers(recorded, record, tools, signal));
}

function applyOwn(
  channel: LiveChannel,
  finalizers: readonly string[],
  record: StreamRecord | undefined,
  tools: Tools,
  signal: AbortSignal,
): Promise<LiveChannel> {
  const { name, namespace, uid } = channel.metadata;
  const metadata = { name, namespace, uid, finalizers, annotations: streamRecordAnnotations(record) };
  return tools.client.apply(
    liveChannelType,
    { metadata },
    { fieldManager: FIELD_MANAGER, force: true, signal },
  );
}

/**
 * Applying takes back what only we stated. A channel made from what `kubectl get -o yaml` or a backup said has our
 * annotations as the user's own words too, and those are struck out here.
 */
async function withoutLeftovers(
  channel: LiveChannel,
  record: StreamRecord | undefined,
  tools: Tools,
  signal: AbortSignal,
): Promise<LiveChannel> {
  const stated = streamRecordAnnotations(record);
  const left = Object.values(streamAnnotations).filter(
    (name) => channel.metadata.annotations?.[name] !== undefined && !(name in stated),
  );
  if (left.length === 0) return channel;
  const { uid } = channel.metadata;
  const patch = { metadata: { uid, annotations: Object.fromEntries(left.map((name) => [name, null])) } };
  return tools.client.patchMerge(liveChannelType, channel.metadata, patch, { signal });
}

export function ownerOf(channel: LiveChannel, clusterId: string): StreamOwner {
  const { uid, namespace, name } = channel.metadata;
  return { clusterId, channelUid: uid, channel: `${namespace ?? ''}/${name}` };
}

async function ensureStream(scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
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

/** A Secret of somebody else that has the name of ours is not to be written over. */
async function foreignSecret(
  channel: LiveChannel,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const there = await tools.client.get(secretType, secretRef(channel), { signal });
  if (there === undefined || isControlledBy(there, channel)) return undefined;
  const message = `Secret ${relaySecretName(channel.metadata.name)} exists and does not belong to this channel; delete or rename it`;
  return { failed: { part: 'stream', reason: 'InvalidConfiguration', message }, againAfterMs: 5_000 };
}

function platformFailure(error: unknown, what: string): Outcome {
  if (!(error instanceof PlatformError)) throw error;
  return {
    failed: { part: 'stream', reason: error.reason, message: `${what}: ${error.message}` },
    againAfterMs: error.retryable ? 5_000 : 15_000,
  };
}

async function writeSecret(
  scene: Scene,
  ingest: IngestDetails,
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const { channel, platform } = scene.observed;
  if (!scene.credentials.ok || !platform.ok) return;
  const subject = agoraSubject(channel, 0);
  const credentials = scene.credentials.value;
  const json = JSON.stringify(
    relayConfig(channel, 0, credentials.appId, platform.value, ingest.ingestCa !== undefined),
  );
  const secret = relaySecretObject(channel, {
    ingest,
    config: { json, digest: digest(json) },
    token: mintAgoraToken(credentials, subject, tools.tokenSeconds, tools.clock.now()),
    tokenFor: tokenFor(credentials, subject),
    controlToken:
      secretValue(scene.secret, 'controlToken') ?? new Secret(randomBytes(32).toString('base64url')),
  });
  tools.objects.rememberSecret(
    await tools.client.apply(secretType, secret, { fieldManager: FIELD_MANAGER, force: true, signal }),
  );
}

/** Digests of what the children should be made from. */
export function wantedDigests(scene: Scene, relay: RelayImage): Digests {
  const { channel, platform, credentials } = scene.observed;
  if (!platform.ok || !credentials.ok) return { config: '', pod: '' };
  const hasCa = ingestDetails(scene.secret)?.ingestCa !== undefined;
  const config = digest(
    JSON.stringify(relayConfig(channel, 0, credentials.value.appId, platform.value, hasCa)),
  );
  return { config, pod: digest(config + JSON.stringify(relayPod(channel, 0, relay))) };
}

async function createPod(scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  const { channel, secret } = scene.observed;
  const template = relayPod(channel, 0, tools.relay);
  const annotations = {
    ...template.metadata.annotations,
    ...madeFrom(wantedDigests(scene, tools.relay).pod, secret?.revision ?? ''),
  };
  const metadata = { ...template.metadata, annotations, ownerReferences: [controllerReference(channel)] };
  try {
    tools.objects.rememberPod(
      await tools.client.create(podType, { metadata, spec: template.spec }, { signal }),
    );
    tools.event('Normal', 'RelayCreated', `Created relay pod ${metadata.name}`);
    return done;
  } catch (error) {
    if (isAlreadyExists(error)) return adoptPod(channel, tools, signal);
    if (error instanceof ApiError && (error.isInvalid || error.isForbidden)) return podRefused(error.message);
    throw error;
  }
}

/** A pod of this name is there: ours, made a moment ago and not yet in the cache, or somebody else's. */
async function adoptPod(channel: LiveChannel, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  const name = relayPodName(channel.metadata.name, 0);
  const pod = await tools.client.get(
    podType,
    { namespace: channel.metadata.namespace ?? '', name },
    { signal },
  );
  if (pod === undefined) return { againAfterMs: 100 };
  if (!isControlledBy(pod, channel))
    return pod.metadata.deletionTimestamp === undefined
      ? podRefused(`pod ${name} exists and does not belong to this channel; delete or rename it`)
      : { againAfterMs: 500 };
  tools.objects.rememberPod(pod);
  return done;
}

const podRefused = (message: string): Outcome => ({
  failed: { part: 'relay', reason: 'PodCreateFailed', message: `The relay pod cannot be made: ${message}` },
  againAfterMs: 15_000,
});

async function deletePod(
  scene: Scene,
  step: Extract<Step, { do: 'delete-pod' }>,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome> {
  const { pod, channel } = scene.observed;
  if (pod === undefined) return done;
  const ref = { namespace: channel.metadata.namespace ?? '', name: pod.name };
  tools.objects.noteReplacement(channel, pod.uid, step.reason);
  const asked = await tools.client.delete(podType, ref, { uid: pod.uid, signal });
  if (asked) {
    const planned = ['Suspended', 'RelayStopped', 'Deleting', 'SpecChanged'].includes(step.reason);
    tools.event(
      planned ? 'Normal' : 'Warning',
      step.reason,
      `Deleted relay pod ${pod.name}: ${step.message}`,
    );
  }
  const now: Pod | undefined = await tools.client.get(podType, ref, { signal });
  if (now?.metadata.uid === pod.uid) tools.objects.rememberPod(now);
  else tools.objects.podGone(channel, pod.uid);
  return done;
}

async function announceSecret(scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  const { pod, secret, channel } = scene.observed;
  if (pod === undefined || secret === undefined) return done;
  const ref = { namespace: channel.metadata.namespace ?? '', name: pod.name };
  const annotations = madeFrom(pod.specDigest, secret.revision);
  const patch = { metadata: { uid: pod.uid, annotations } };
  tools.objects.rememberPod(await tools.client.patchMerge(podType, ref, patch, { signal }));
  return done;
}

async function deleteStream(
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
async function recordedStream(
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

async function release(
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
