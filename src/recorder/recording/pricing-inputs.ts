import { platformNameOf } from '../../api/live-channel.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Resolution } from '../../api/values.ts';
import { isHosted, pricedOptions } from '../../costs/priced-channel.ts';
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
  const name = platformNameOf(channel);
  const platform = name === undefined ? undefined : platforms.get({ name });
  return {
    platform: platform === undefined ? undefined : { name: platform.metadata.name, spec: platform.spec },
    ...pricedOptions(channel, seen.report?.height ?? undefined),
    onAir: channel.status?.relayStatus === 'active',
    hosted: isHosted(channel, seen.agoraViewers),
  };
}
