import { isConditionTrue } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { budgetPlatform } from '../../channel/desired/budget.ts';
import {
  found,
  missing,
  type CredentialsFacts,
  type Digests,
  type Found,
  type StreamState,
  type UnownedChildren,
  type PlatformFacts,
  type RelayPodFacts,
  type RelaySecretFacts,
  type Standby,
  type StreamPresence,
  type DesiredStream,
} from '../../channel/state.ts';
import {
  sameStream,
  slotsOf,
  streamRecords,
  type Slot,
  type StreamRecord,
} from '../../api/annotations/stream-records.ts';
import { podFacts } from '../../channel/pod/pod-facts.ts';
import { ending } from '../../channel/pod/pod-problem.ts';
import type { Policy } from '../../channel/policy.ts';
import type { RelayImage } from '../../channel/pod/relay-pod.ts';
import { homePlatform, shouldUseFallback } from '../../channel/desired/platform.ts';
import { desiredResources } from '../../channel/desired/resources.ts';
import type { Clock } from '../../base/clock.ts';
import { streamId } from '../../platforms/platform.ts';
import { streamName } from '../../platforms/stream-name.ts';
import { unsupportedOptions } from '../../platforms/unsupported.ts';
import type { StreamQuota } from '../platforms/stream-quota.ts';
import { readAgoraCredentials } from '../relays/agora-credentials.ts';
import type { NodeLeases } from '../cluster/node-leases.ts';
import type { PlaybackProbes } from '../platforms/playback-probes.ts';
import type { OpenPlatform, PlatformDirectory } from '../../cluster/platform-directory.ts';
import type { StreamExistenceCache } from '../platforms/stream-existence-cache.ts';
import type { RelayReports } from '../relays/relay-reports.ts';
import { ingestDetails, relaySecretFacts } from '../relays/relay-secret.ts';
import type { SecretReader } from '../../cluster/secret-reader.ts';
import type { ViewerAbsence } from '../platforms/viewer-absence.ts';
import { capacityOf } from './steps/capacity.ts';
import { roleIn } from '../../channel/pod/relay-config.ts';
import type { ChannelState } from './state.ts';
import { desiredDigests } from './digests.ts';
import { commandKey, deferralOf, slotKey, type DeferredSteps } from './deferred-steps.ts';
import type { ChannelObjects } from './objects.ts';

export interface ObserveDeps {
  readonly clock: Clock;
  readonly clusterId: string;
  readonly policy: Policy;
  readonly relay: RelayImage;
  readonly objects: ChannelObjects;
  readonly platforms: PlatformDirectory;
  readonly quota: StreamQuota;
  readonly secrets: SecretReader;
  readonly reports: RelayReports;
  readonly viewers: Pick<ViewerAbsence, 'since'>;
  readonly leases: Pick<NodeLeases, 'isLost'>;
  readonly existence: StreamExistenceCache;
  readonly probes: PlaybackProbes;
}

/** A relay that runs and has not answered for so long may have lost its node. */
const suspiciousMs = 5_000;

/** Looks at everything that a decision about the channel rests on. */
export async function observe(
  channel: LiveChannel,
  observers: ObserveDeps,
  deferred: DeferredSteps,
  signal: AbortSignal,
): Promise<ChannelState> {
  const records = streamRecords(channel);
  const credentials = await readAgoraCredentials(channel, observers.secrets, signal);
  const target = await targetOf(channel, records, credentials.ok, observers, signal);
  const streams = await Promise.all(
    records.map((record) => observeStream(channel, record, credentials, observers, deferred, signal)),
  );
  const loose = ([0, 1] as const)
    .filter((slot) => !records.some((record) => slotsOf(record).includes(slot)))
    .flatMap((slot) => looseChildren(channel, slot, observers.objects, deferred));
  return {
    observed: { channel, desired: target, credentials, streams, unowned: loose, failure: undefined },
    credentials,
  };
}

async function targetOf(
  channel: LiveChannel,
  records: readonly StreamRecord[],
  usable: boolean,
  observers: ObserveDeps,
  signal: AbortSignal,
): Promise<Found<DesiredStream>> {
  const { platforms, policy, clock } = observers;
  const { opened, name, sentFrom } = await homeOf(channel, records, usable, observers, signal);
  const away = channel.spec.fallbackPlatformRef?.name;
  if (away !== undefined && name !== undefined && desiredResources(channel).relay) {
    const isThere = opened.ok && isReady(opened.value);
    if (shouldUseFallback(channel, name, isThere, policy, clock.now())) {
      const fallback = await platforms.open(away, signal);
      const there = fallback.ok
        ? targetOn(channel, fallback.value, { insteadOf: name, sentFrom }, records, usable, observers)
        : fallback;
      if (there.ok) return there; // a fallback that cannot be used is none
    }
  }
  const here = { insteadOf: undefined, sentFrom };
  return opened.ok ? targetOn(channel, opened.value, here, records, usable, observers) : opened;
}

interface Home {
  readonly opened: Found<OpenPlatform>;
  readonly name: string | undefined;
  /** Of where the budget sends it: the platform that it leaves. */
  readonly sentFrom: string | undefined;
}

/** The channel's platform, or the one that its budget sends it to: which counts once it can be used, and from then on. */
async function homeOf(
  channel: LiveChannel,
  records: readonly StreamRecord[],
  usable: boolean,
  observers: ObserveDeps,
  signal: AbortSignal,
): Promise<Home> {
  const { platforms } = observers;
  const home = platforms.home(channel);
  const name = home.ok ? home.value.metadata.name : homePlatform(channel);
  const cheaper = budgetPlatform(channel);
  if (cheaper !== undefined && cheaper !== name) {
    const opened = await platforms.open(cheaper, signal);
    const sent: Home = { opened, name: cheaper, sentFrom: name };
    if (records.some(({ role, platform }) => role === 'active' && platform === cheaper)) return sent;
    const none = { insteadOf: undefined, sentFrom: undefined };
    const there = opened.ok ? targetOn(channel, opened.value, none, records, usable, observers) : opened;
    if (there.ok && there.value.refused === undefined) return sent;
  }
  const opened = home.ok ? await platforms.openResource(home.value, signal) : home;
  return { opened, name, sentFrom: undefined };
}

function targetOn(
  channel: LiveChannel,
  platform: OpenPlatform,
  away: Pick<DesiredStream, 'insteadOf' | 'sentFrom'>,
  records: readonly StreamRecord[],
  usable: boolean,
  { clusterId, quota: admissions }: ObserveDeps,
): Found<DesiredStream> {
  const { playback, relay } = channel.spec;
  const facts = factsOf(platform);
  const { min, max } = facts.keyframeSeconds;
  const lacking = unsupportedOptions(playback, platform.driver.capabilities);
  if (lacking.length > 0)
    return missing(
      'InvalidConfiguration',
      `StreamingPlatform ${platform.name} does not offer ${lacking.join(', nor ')}. Change the channel's spec or its platform.`,
    );
  if (relay.keyframeIntervalSeconds < min || relay.keyframeIntervalSeconds > max)
    return missing(
      'InvalidConfiguration',
      `StreamingPlatform ${platform.name} takes keyframes every ${String(min)} to ${String(max)} s; ` +
        `relay.keyframeIntervalSeconds is ${String(relay.keyframeIntervalSeconds)}. Change the channel's spec.`,
    );
  const owner = { clusterId, channelUid: channel.metadata.uid, platform: platform.name };
  const name = streamName(owner, playback);
  const has = records.some((record) => sameStream(record, { platform: platform.name, name }));
  if (!has && platform.resource.metadata.deletionTimestamp !== undefined)
    return missing(
      'PlatformNotReady',
      `StreamingPlatform ${platform.name} is being deleted: no new streams are made on it.`,
    );
  const refused =
    has || !usable || channel.metadata.deletionTimestamp !== undefined || !desiredResources(channel).stream
      ? undefined
      : admissions.refusal(channel, capacityOf(platform));
  return found({ platform: facts, name, ...away, refused });
}

function factsOf({ name, resource, driver }: OpenPlatform): PlatformFacts {
  const { takeover, maxVideoBitrateKbps, keyframeSeconds, maxHeight, sizeChange, constantBitrate } =
    driver.capabilities;
  return {
    name,
    takeover,
    keyframeSeconds,
    maxHeight,
    sizeChange,
    constantBitrate,
    maxVideoBitrateKbps: Math.min(maxVideoBitrateKbps, resource.spec.limits.maxVideoBitrateKbps ?? Infinity),
  };
}

function isReady({ resource }: OpenPlatform): boolean {
  return isConditionTrue(resource.status?.conditions, 'Ready');
}

async function observeStream(
  channel: LiveChannel,
  record: StreamRecord,
  credentials: Found<CredentialsFacts>,
  observers: ObserveDeps,
  deferred: DeferredSteps,
  signal: AbortSignal,
): Promise<StreamState> {
  const { objects, platforms, reports, relay, viewers } = observers;
  const opened = await platforms.open(record.platform, signal);
  const platform = opened.ok ? found(factsOf(opened.value)) : opened;
  const object = record.slot === undefined ? undefined : objects.secret(channel, record.slot);
  const podObject = record.slot === undefined ? undefined : objects.pod(channel, record.slot);
  const secret = relaySecretFacts(object);
  const pod = podObject === undefined ? undefined : podFacts(podObject);
  const report = pod === undefined ? undefined : await reports.of(pod, signal);
  const hasCa = ingestDetails(object)?.ingestCa !== undefined;
  const digestsIn = (slot: Slot | undefined): Digests =>
    desiredDigests(channel, slot, roleIn(record, slot), platform, credentials, hasCa, relay);
  const streamState: StreamState = {
    record,
    platform,
    secret,
    secretExists: object !== undefined,
    pod,
    report,
    silent: pod !== undefined && reports.silence(pod).silent,
    nodeLost: pod !== undefined && (await isOnLostNode(pod, observers, signal)),
    commanded: record.slot !== undefined && deferred.has(commandKey(record.slot)),
    noViewersSince: record.id === undefined ? undefined : viewers.since(record.platform, record.id),
    standby:
      record.standby === undefined
        ? undefined
        : await spareIn(
            channel,
            record.standby.slot,
            digestsIn(record.standby.slot),
            observers,
            deferred,
            signal,
          ),
    presence: 'unknown',
    playable: false,
    digests: digestsIn(record.slot),
    deferred: deferralOf(deferred, record),
  };
  if (!opened.ok || secret?.streamName !== record.name || secret.platform !== record.platform)
    return streamState;
  return {
    ...streamState,
    presence: await streamPresence(secret, pod, streamState, opened.value, observers, signal),
    playable: await plays(secret, streamState, opened.value, channel, observers, signal),
  };
}

async function spareIn(
  channel: LiveChannel,
  slot: Slot,
  digests: Digests,
  { objects, reports }: ObserveDeps,
  deferred: DeferredSteps,
  signal: AbortSignal,
): Promise<Standby> {
  const object = objects.secret(channel, slot);
  const podObject = objects.pod(channel, slot);
  const pod = podObject === undefined ? undefined : podFacts(podObject);
  return {
    slot,
    secret: relaySecretFacts(object),
    secretExists: object !== undefined,
    pod,
    report: pod === undefined ? undefined : await reports.of(pod, signal),
    digests,
    deferred: deferred.get(slotKey(slot)),
    commanded: deferred.has(commandKey(slot)),
  };
}

/** A relay that answers is on a node that lives. One that is going may be on one that will never let it go. */
async function isOnLostNode(
  pod: RelayPodFacts,
  { reports, leases }: ObserveDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (pod.nodeName === undefined) return false;
  if (!pod.deleting && reports.silence(pod).ms < suspiciousMs) return false;
  return leases.isLost(pod.nodeName, signal);
}

/**
 * Whether the stream is still there. The platform's regular listing raises the doubt, or an ingest that refuses the
 * key; only a direct question settles it, and it is not asked more often than a platform bears.
 */
async function streamPresence(
  secret: RelaySecretFacts,
  pod: RelayPodFacts | undefined,
  { report }: StreamState,
  platform: OpenPlatform,
  { platforms, existence: presences }: ObserveDeps,
  signal: AbortSignal,
): Promise<StreamPresence> {
  const listing = platforms.listing(platform.name);
  const listed = listing?.streams.has(secret.streamId) ?? true;
  const unlisted = !listed && listing !== undefined && listing.at > secret.tokenIssuedAt;
  const refused =
    report?.reason === 'IngestRejected' ||
    (pod !== undefined && !pod.running && pod.ended !== undefined && ending(pod).reason === 'IngestRejected');
  if (!unlisted && !refused) return 'unknown';
  return presences.get(platform, streamId(secret.streamId), signal);
}

/** Only asked of a stream that is to take over, and whose relay says that media is accepted. */
async function plays(
  secret: RelaySecretFacts,
  { record, report }: StreamState,
  { name, driver }: OpenPlatform,
  channel: LiveChannel,
  { probes, clock }: ObserveDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const { playbackUrl } = secret;
  const id = streamId(secret.streamId);
  const stream = `${name}/${id}`;
  // Ids may come again after a move away and back: what was seen then does not count.
  if (record.role !== 'incoming') probes.forget(stream);
  if (record.role !== 'incoming' || report?.state !== 'live') return false;
  const url = (): Promise<string> =>
    channel.spec.playback.access === 'signed'
      ? driver.signPlayback(
          { id, playbackUrl },
          { expiresAt: new Date(clock.now().getTime() + 300_000), viewerId: 'livechannel-operator' },
        )
      : Promise.resolve(playbackUrl);
  const liveSince = report.liveSince === null ? undefined : new Date(report.liveSince);
  return probes.plays(stream, url, liveSince, signal);
}

function looseChildren(
  channel: LiveChannel,
  slot: Slot,
  objects: ChannelObjects,
  deferred: DeferredSteps,
): UnownedChildren[] {
  const pod = objects.pod(channel, slot);
  const secret = objects.secret(channel, slot) !== undefined;
  if (pod === undefined && !secret) return [];
  const held = deferred.has(slotKey(slot));
  return [{ slot, secret, pod: pod === undefined ? undefined : podFacts(pod), deferred: held }];
}
