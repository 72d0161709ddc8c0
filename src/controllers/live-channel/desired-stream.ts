import type { LiveChannel } from '../../api/live-channel.ts';
import { isConditionTrue } from '../../api/conditions.ts';
import {
  budgetDestination,
  desiredStream,
  homePlatform,
  preferredPlacement,
  requiredFallback,
  type Placement,
  type PlacementContext,
  type PlatformCandidate,
} from '../../channel/desired/platform.ts';
import type { Policy } from '../../channel/timing.ts';
import { found, type DesiredStream, type Found, type PlatformFacts } from '../../channel/state.ts';
import type { OpenPlatform, PlatformDirectory } from '../../cluster/platform-directory.ts';
import type { Clock } from '../../base/clock.ts';
import { streamName } from '../../platforms/stream-name.ts';
import { unsupportedOptions } from '../../platforms/unsupported.ts';
import { capacityOf, type StreamQuota } from '../platforms/stream-quota.ts';

/** The dependencies of `observeDesiredStream`. */
export interface DesiredStreamDeps {
  readonly clock: Clock;
  readonly clusterId: string;
  readonly policy: Policy;
  readonly platforms: PlatformDirectory;
  readonly quota: StreamQuota;
}

/** Opens the platforms that the channel may use. src/channel/desired/platform.ts chooses among them. */
export async function observeDesiredStream(
  channel: LiveChannel,
  hasCredentials: boolean,
  { clock, clusterId, policy, platforms, quota }: DesiredStreamDeps,
  signal: AbortSignal,
): Promise<Found<DesiredStream>> {
  const opened = new Map<string, OpenPlatform>();
  const candidate = (platform: Found<OpenPlatform>): Found<PlatformCandidate> => {
    if (!platform.ok) return platform;
    opened.set(platform.value.name, platform.value);
    return found(candidateFor(channel, platform.value, clusterId));
  };
  const context: PlacementContext = {
    hasCredentials,
    requestPlace: ({ facts }) => {
      const platform = opened.get(facts.name);
      return platform === undefined ? undefined : quota.refusal(channel, capacityOf(platform));
    },
  };

  const resource = platforms.home(channel);
  const home: Placement = {
    name: resource.ok ? resource.value.metadata.name : homePlatform(channel),
    platform: candidate(resource.ok ? await platforms.openResource(resource.value, signal) : resource),
    sentFrom: undefined,
  };
  const destination = budgetDestination(channel, home);
  const cheaper: Placement | undefined =
    destination === undefined
      ? undefined
      : {
          name: destination,
          platform: candidate(await platforms.open(destination, signal)),
          sentFrom: home.name,
        };
  const preferred = preferredPlacement(channel, home, cheaper, context);
  const fallbackName = requiredFallback(channel, preferred, policy, clock.now());
  const fallback =
    fallbackName === undefined ? undefined : candidate(await platforms.open(fallbackName, signal));
  return desiredStream(channel, preferred, fallback, context);
}

function candidateFor(channel: LiveChannel, platform: OpenPlatform, clusterId: string): PlatformCandidate {
  const { name, resource, driver } = platform;
  const { playback } = channel.spec;
  return {
    facts: platformFacts(platform),
    streamName: streamName({ clusterId, channelUid: channel.metadata.uid, platform: name }, playback),
    ready: isConditionTrue(resource.status?.conditions, 'Ready'),
    deleting: resource.metadata.deletionTimestamp !== undefined,
    unsupported: unsupportedOptions(playback, driver.capabilities),
  };
}

/** The capabilities of a platform's provider, within the limits of the StreamingPlatform's spec. */
export function platformFacts({ name, resource, driver }: OpenPlatform): PlatformFacts {
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
