import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Resolution } from '../../api/values.ts';
import type { ObjectRef } from '../../kube/resource.ts';
import type { SampledChannel } from './sampler.ts';

/** What the price of a channel depends on, apart from its viewers. */
export interface PricingInputs {
  /** Name and spec of the platform that the channel is on, or would be on; undefined: unknown. */
  readonly platform: { readonly name: string; readonly spec: StreamingPlatform['spec'] } | undefined;
  readonly resolution: Resolution;
  readonly recorded: boolean;
  /** Whether media arrives at the platform. */
  readonly onAir: boolean;
  /** Whether a host is in the Agora channel. */
  readonly hosted: boolean;
}

/** Cached StreamingPlatforms. */
export interface Platforms {
  get(ref: ObjectRef): StreamingPlatform | undefined;
  list(): readonly StreamingPlatform[];
}

/** Reads the pricing inputs of a channel from its resource and the latest relay report. */
export function pricingInputsOf({ channel, seen }: SampledChannel, platforms: Platforms): PricingInputs {
  const { playback, platformRef } = channel.spec;
  const name = channel.status?.streamingPlatform ?? platformRef?.name;
  const platform = name === undefined ? undefined : platforms.get({ name });
  return {
    platform: platform === undefined ? undefined : { name: platform.metadata.name, spec: platform.spec },
    resolution: resolutionOf(channel, seen.report?.height ?? undefined),
    recorded: playback.recording === 'automatic',
    onAir: channel.status?.relayStatus === 'active',
    hosted: isHosted(channel, seen.agoraViewers),
  };
}

/** Only a relay sees the host. Without one, viewers who are reported on Agora watch somebody. */
function isHosted({ status }: LiveChannel, agoraViewers = 0): boolean {
  const host = findCondition(status?.conditions, 'HostPresent');
  return host?.status === 'True' || (host?.status !== 'False' && agoraViewers > 0);
}

/** Resolution on air, by the height of the frames; if that is unknown, the maximum that the spec allows. */
export function resolutionOf({ spec }: LiveChannel, height: number | undefined): Resolution {
  if (height === undefined) return spec.relay.maxResolution;
  return height <= 480 ? '480p' : height <= 720 ? '720p' : '1080p';
}
