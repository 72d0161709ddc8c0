import type { LiveChannel } from '../../api/live-channel.ts';
import type { RelayReport } from '../../api/relay-contract.ts';
import type { Slot, StreamRecord } from '../../api/stream-records.ts';
import type { Clock } from '../../base/clock.ts';
import { podFacts } from '../../channel/pod/pod-facts.ts';
import { ending } from '../../channel/pod/pod-problem.ts';
import { roleIn } from '../../channel/pod/relay-config.ts';
import type { RelayImage } from '../../channel/pod/relay-pod.ts';
import {
  found,
  type CredentialsFacts,
  type Digests,
  type Found,
  type RelayPodFacts,
  type Standby,
  type StreamPresence,
  type StreamState,
} from '../../channel/state.ts';
import type { OpenPlatform, PlatformDirectory } from '../../cluster/platform-directory.ts';
import { ownerOf } from '../../cluster/stream-ownership.ts';
import { streamId, type OwnedStream } from '../../platforms/platform.ts';
import type { NodeLeases } from '../cluster/node-leases.ts';
import type { PlaybackProbes } from '../platforms/playback-probes.ts';
import type { StreamExistenceCache } from '../platforms/stream-existence-cache.ts';
import type { ViewerAbsence } from '../platforms/viewer-absence.ts';
import type { RelayReports } from '../relays/relay-reports.ts';
import { ingestDetails, relaySecretFacts } from '../relays/relay-secret.ts';
import { commandKey, deferralOf, slotKey, type DeferredSteps } from './deferred-steps.ts';
import { platformFacts } from './desired-stream.ts';
import { desiredDigests } from './digests.ts';
import type { ChannelObjects } from './objects.ts';
import { SUSPECT_NODE_AFTER_MS } from '../timing.ts';

/** The dependencies of `observeStream`. */
export interface StreamDeps {
  readonly clock: Clock;
  readonly clusterId: string;
  readonly relay: RelayImage;
  readonly objects: ChannelObjects;
  readonly platforms: PlatformDirectory;
  readonly reports: RelayReports;
  readonly viewers: Pick<ViewerAbsence, 'since'>;
  readonly leases: Pick<NodeLeases, 'isLost'>;
  readonly existence: StreamExistenceCache;
  readonly probes: PlaybackProbes;
}

/** The channel that is observed, and what has been observed of it so far. */
export interface StreamContext {
  readonly channel: LiveChannel;
  readonly credentials: Found<CredentialsFacts>;
  readonly deps: StreamDeps;
  readonly deferred: DeferredSteps;
  readonly signal: AbortSignal;
}

/** Validity of the signed playback URL for one probe, longer than any probe takes. */
const PROBE_TOKEN_MS = 300_000;

/** Observes the stream of a record: its Secret, its relays, and its state on the platform. */
export async function observeStream(context: StreamContext, record: StreamRecord): Promise<StreamState> {
  const { channel, credentials, deps, deferred, signal } = context;
  const opened = await deps.platforms.open(record.platform, signal);
  const platform = opened.ok ? found(platformFacts(opened.value)) : opened;
  const object = record.slot === undefined ? undefined : deps.objects.secret(channel, record.slot);
  const podObject = record.slot === undefined ? undefined : deps.objects.pod(channel, record.slot);
  const secret = relaySecretFacts(object);
  const pod = podObject === undefined ? undefined : podFacts(podObject);
  const report = pod === undefined ? undefined : await deps.reports.of(pod, signal);
  const hasCa = record.provisioned?.privateCa ?? ingestDetails(object)?.ingestCa !== undefined;
  const digestsIn = (slot: Slot | undefined): Digests =>
    desiredDigests({
      channel,
      slot,
      role: roleIn(record, slot),
      platform,
      credentials,
      hasCa,
      relay: deps.relay,
    });
  const stream: StreamState = {
    record,
    platform,
    secret,
    secretExists: object !== undefined,
    pod,
    report,
    silent: pod !== undefined && deps.reports.silence(pod).silent,
    frozen: pod !== undefined && deps.reports.isFrozen(pod),
    nodeLost: pod !== undefined && (await isOnLostNode(pod, deps, signal)),
    commanded: record.slot !== undefined && deferred.has(commandKey(record.slot)),
    noViewersSince: record.id === undefined ? undefined : deps.viewers.since(record.platform, record.id),
    standby:
      record.standby === undefined
        ? undefined
        : await observeStandby(context, record.standby.slot, digestsIn(record.standby.slot)),
    presence: 'unknown',
    playable: false,
    digests: digestsIn(record.slot),
    deferred: deferralOf(deferred, record),
  };
  const { id: idText, provisioned } = record;
  if (!opened.ok || idText === undefined || provisioned === undefined) return stream;
  const owner = ownerOf(channel, record.platform, deps.clusterId);
  const provisionedStream = { id: streamId(idText), owner, playbackUrl: provisioned.playbackUrl };
  return {
    ...stream,
    presence: await presenceOf(stream, provisionedStream, opened.value, context),
    playable: await isPlayable(stream, provisionedStream, opened.value, context),
  };
}

async function observeStandby(
  { channel, deps, deferred, signal }: StreamContext,
  slot: Slot,
  digests: Digests,
): Promise<Standby> {
  const object = deps.objects.secret(channel, slot);
  const podObject = deps.objects.pod(channel, slot);
  const pod = podObject === undefined ? undefined : podFacts(podObject);
  return {
    slot,
    secret: relaySecretFacts(object),
    secretExists: object !== undefined,
    pod,
    report: pod === undefined ? undefined : await deps.reports.of(pod, signal),
    digests,
    deferred: deferred.get(slotKey(slot)),
    commanded: deferred.has(commandKey(slot)),
  };
}

/**
 * Whether the pod is on a lost node. The Lease is not read while the relay answers, except for a terminating pod, which
 * a lost node never confirms to be gone.
 */
async function isOnLostNode(
  pod: RelayPodFacts,
  { reports, leases }: StreamDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (pod.nodeName === undefined) return false;
  if (!pod.deleting && reports.silence(pod).ms < SUSPECT_NODE_AFTER_MS) return false;
  return leases.isLost(pod.nodeName, signal);
}

/**
 * Whether the stream still exists. It is checked with a direct call, at a limited rate, when the regular listing of the
 * platform does not contain the stream or when the ingest rejects the key. Otherwise the result is `unknown`.
 */
async function presenceOf(
  { pod, report, secret }: StreamState,
  stream: OwnedStream,
  platform: OpenPlatform,
  { deps, signal }: StreamContext,
): Promise<StreamPresence> {
  const listing = deps.platforms.listing(platform.name);
  const listed = listing?.streams.has(stream.id) ?? true;
  // A listing from before the Secret was written may be older than the stream.
  const unlisted =
    !listed && listing !== undefined && secret !== undefined && listing.at > secret.tokenIssuedAt;
  const isDoubtful = unlisted || isRejected(report, pod);
  return isDoubtful ? deps.existence.get(platform, stream, signal) : 'unknown';
}

function isRejected(report: RelayReport | undefined, pod: RelayPodFacts | undefined): boolean {
  if (report?.reason === 'IngestRejected') return true;
  return (
    pod !== undefined && !pod.running && pod.ended !== undefined && ending(pod).reason === 'IngestRejected'
  );
}

/** Whether the stream is playable. Only an incoming stream is probed, once its relay reports that it is on air. */
async function isPlayable(
  { record, report }: StreamState,
  { id, owner, playbackUrl }: OwnedStream & { readonly playbackUrl: string },
  platform: OpenPlatform,
  { channel, deps: { platforms, probes, clock }, signal }: StreamContext,
): Promise<boolean> {
  const { name, driver } = platform;
  const stream = `${name}/${id}`;
  // A stream can be incoming again after a migration to it and back. Earlier probes do not count then.
  if (record.role !== 'incoming') probes.forget(stream);
  if (record.role !== 'incoming' || report?.state !== 'live') return false;
  const url = (): Promise<string> =>
    channel.spec.playback.access === 'signed'
      ? driver.signPlayback(
          { id, owner },
          { expiresAt: new Date(clock.now().getTime() + PROBE_TOKEN_MS), viewerId: 'livechannel-operator' },
          signal,
        )
      : Promise.resolve(playbackUrl);
  const liveSince = report.liveSince === null ? undefined : new Date(report.liveSince);
  // A process that has just started knows the host from the record alone.
  platforms.notePlayback(name, playbackUrl);
  const isKnown = (at: URL): boolean => platforms.isPlaybackHost(platform, at);
  return probes.isPlayable(stream, { url, isKnown }, liveSince, signal);
}
