import { findCondition } from '../api/conditions.ts';
import type { LiveChannel } from '../api/live-channel.ts';
import type { Resolution } from '../api/values.ts';

/** Resolution on air, by the height of the frames; if that is unknown, the maximum that the spec allows. */
export function resolutionOf({ spec }: LiveChannel, height: number | undefined): Resolution {
  if (height === undefined) return spec.relay.maxResolution;
  return height <= 480 ? '480p' : height <= 720 ? '720p' : '1080p';
}

/** The options of a channel that its prices depend on, apart from its platform. `height`: of the frames, if known. */
export function pricedOptions(
  channel: LiveChannel,
  height: number | undefined,
): { readonly resolution: Resolution; readonly recorded: boolean } {
  return {
    resolution: resolutionOf(channel, height),
    recorded: channel.spec.playback.recording === 'automatic',
  };
}

/** Only a relay sees the host. Without one, viewers who are reported on Agora imply a host. */
export function isHosted({ status }: LiveChannel, agoraViewers = 0): boolean {
  const host = findCondition(status?.conditions, 'HostPresent');
  return host?.status === 'True' || (host?.status !== 'False' && agoraViewers > 0);
}
