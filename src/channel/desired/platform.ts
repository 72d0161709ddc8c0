import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { agoraOnlyDecision } from './stream-mode.ts';
import { sameStream, streamRecords, type StreamRecord } from '../../api/stream-records.ts';
import { blamesPlatform, outageOf } from '../status/outage.ts';
import type { Policy } from '../timing.ts';
import {
  found,
  missing,
  type DesiredStream,
  type Found,
  type PlatformFacts,
  type Problem,
} from '../state.ts';
import { budgetPlatform } from './budget.ts';
import { desiredResources } from './resources.ts';

/**
 * The name of the channel's home platform; undefined for a new channel without a platformRef. A channel without a
 * platformRef stays on the platform of its stream, even while that platform is missing: a new default applies to new
 * channels only. A platform to which the budget sent the channel is not its home.
 */
export function homePlatform(channel: LiveChannel): string | undefined {
  const active = streamRecords(channel).find(({ role }) => role === 'active');
  return channel.spec.platformRef?.name ?? active?.sentFrom ?? active?.insteadOf ?? active?.platform;
}

/**
 * Whether the channel should be on its fallback platform now, instead of `home`.
 *
 * It should when the home platform has kept it off air for `spec.fallback.afterSeconds`, and once viewers are sent to
 * Agora as the fallback, whatever the cause of that outage. After `policy.returnAfterMs` it migrates back: the stream
 * on the home platform must be playable before viewers are sent to it, and an attempt that takes too long is aborted.
 * The fallback stays on air during the attempt.
 */
export function shouldUseFallback(
  channel: LiveChannel,
  home: string,
  isHomeReady: boolean,
  policy: Policy,
  now: Date,
): boolean {
  const fallback = channel.spec.fallbackPlatformRef?.name;
  if (fallback === undefined || fallback === home) return false;
  const records = streamRecords(channel);
  const active = records.find(({ role }) => role === 'active');
  const next = records.find(({ role }) => role === 'incoming');
  // While viewers are on Agora alone there is no relay that the platform could keep off air.
  if (active === undefined && isOnAgoraAlone(channel, now)) return false;
  if (active?.platform === fallback && active.insteadOf === home)
    return !isHomeReady || waitsForHost(channel) || !timeToReturn(active, next, policy, now);
  return outForTooLong(channel, now);
}

function isOnAgoraAlone(channel: LiveChannel, now: Date): boolean {
  const decision = agoraOnlyDecision(channel);
  return decision !== undefined && now >= decision.from;
}

function timeToReturn(
  active: StreamRecord,
  next: StreamRecord | undefined,
  policy: Policy,
  now: Date,
): boolean {
  if (next !== undefined && next.platform === active.insteadOf)
    return now.getTime() - Date.parse(next.since) < policy.returnAttemptMs;
  return active.returnAt === undefined || now.getTime() >= Date.parse(active.returnAt);
}

/** Without a host no stream becomes playable, so that the return is not attempted. */
function waitsForHost(channel: LiveChannel): boolean {
  const host = findCondition(channel.status?.conditions, 'HostPresent');
  return host?.status === 'False';
}

function outForTooLong(channel: LiveChannel, now: Date): boolean {
  const outage = outageOf(channel);
  if (outage === undefined) return false;
  // While viewers are sent to Agora as the fallback, the outage of the home platform continues.
  const agora = outage.reason === 'FallbackAgora';
  if (!agora && !blamesPlatform(outage.reason)) return false;
  return agora || now.getTime() - outage.since.getTime() >= channel.spec.fallback.afterSeconds * 1_000;
}

/** The properties of a StreamingPlatform that the choice of a platform depends on. */
export interface PlatformCandidate {
  readonly facts: PlatformFacts;
  /** The name that the channel's stream has, or would have, on the platform. */
  readonly streamName: string;
  readonly ready: boolean;
  readonly deleting: boolean;
  /** Options of the channel's spec that the platform does not support. */
  readonly unsupported: readonly string[];
}

/** A platform for the channel, without regard to outages. */
export interface Placement {
  /** Undefined only where the channel names no platform and there is no default. */
  readonly name: string | undefined;
  readonly platform: Found<PlatformCandidate>;
  /** Where the budget requires this platform: the name of the home platform. */
  readonly sentFrom: string | undefined;
}

/** What the choice of a platform needs beside the platforms. */
export interface PlacementContext {
  /** Without Agora credentials no stream is created. */
  readonly hasCredentials: boolean;
  /** Requests a place for another stream; returns the problem where there is none. */
  readonly requestPlace: (platform: PlatformCandidate) => Problem | undefined;
}

/** The platform to which the budget sends the channel; undefined where there is none or it is the home platform. */
export function budgetDestination(channel: LiveChannel, home: Placement): string | undefined {
  const cheaper = budgetPlatform(channel);
  return cheaper === home.name ? undefined : cheaper;
}

/**
 * The home platform or, where the budget requires it, the platform that the budget names (`cheaper`). That platform is
 * chosen once a stream can be created on it, and then kept while the channel's active stream is there.
 */
export function preferredPlacement(
  channel: LiveChannel,
  home: Placement,
  cheaper: Placement | undefined,
  context: PlacementContext,
): Placement {
  if (cheaper === undefined) return home;
  const records = streamRecords(channel);
  if (records.some(({ role, platform }) => role === 'active' && platform === cheaper.name)) return cheaper;
  if (!cheaper.platform.ok) return home;
  const stream = streamOn(channel, cheaper.platform.value, {}, context);
  return stream.ok && stream.value.refused === undefined ? cheaper : home;
}

/** The name of the fallback platform, if the channel should be on it now. */
export function requiredFallback(
  channel: LiveChannel,
  { name, platform }: Placement,
  policy: Policy,
  now: Date,
): string | undefined {
  if (name === undefined || !desiredResources(channel).relay) return undefined;
  const isReady = platform.ok && platform.value.ready;
  return shouldUseFallback(channel, name, isReady, policy, now)
    ? channel.spec.fallbackPlatformRef?.name
    : undefined;
}

/** The stream that the channel should have: on the fallback platform if there is one that can be used. */
export function desiredStream(
  channel: LiveChannel,
  { name, platform, sentFrom }: Placement,
  fallback: Found<PlatformCandidate> | undefined,
  context: PlacementContext,
): Found<DesiredStream> {
  if (fallback?.ok === true) {
    const onFallback = streamOn(channel, fallback.value, { insteadOf: name, sentFrom }, context);
    if (onFallback.ok) return onFallback;
  }
  return platform.ok ? streamOn(channel, platform.value, { sentFrom }, context) : platform;
}

function streamOn(
  channel: LiveChannel,
  candidate: PlatformCandidate,
  {
    insteadOf,
    sentFrom,
  }: { readonly insteadOf?: string | undefined; readonly sentFrom?: string | undefined },
  { hasCredentials, requestPlace }: PlacementContext,
): Found<DesiredStream> {
  const { facts, streamName: name, deleting, unsupported } = candidate;
  const { keyframeIntervalSeconds } = channel.spec.relay;
  const { min, max } = facts.keyframeSeconds;
  if (unsupported.length > 0)
    return missing(
      'InvalidConfiguration',
      `StreamingPlatform ${facts.name} does not offer ${unsupported.join(', nor ')}. Change the channel's spec or its platform.`,
    );
  if (keyframeIntervalSeconds < min || keyframeIntervalSeconds > max)
    return missing(
      'InvalidConfiguration',
      `StreamingPlatform ${facts.name} accepts keyframe intervals of ${min} to ${max} s; ` +
        `spec.relay.keyframeIntervalSeconds is ${keyframeIntervalSeconds}. Change the channel's spec.`,
    );
  const exists = streamRecords(channel).some((record) => sameStream(record, { platform: facts.name, name }));
  if (!exists && deleting)
    return missing(
      'PlatformNotReady',
      `StreamingPlatform ${facts.name} is being deleted: no new streams are created on it.`,
    );
  const creates =
    !exists &&
    hasCredentials &&
    channel.metadata.deletionTimestamp === undefined &&
    desiredResources(channel).stream;
  return found({
    platform: facts,
    name,
    insteadOf,
    sentFrom,
    refused: creates ? requestPlace(candidate) : undefined,
  });
}
