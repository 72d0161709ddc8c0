import { channelIdOf } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { requiresRelay } from '../../channel/desired/resources.ts';
import type { Sample } from '../../store/store.ts';
import type { ChannelView, RelayView } from '../contract.ts';
import { exposedSettings } from './exposed-settings.ts';

/** What was last seen of a channel; undefined where nobody knows. */
export type Numbers = Pick<Sample, 'agoraViewers' | 'hlsViewers' | 'bitrateKbps' | 'relayHealth'>;

/** All that the app is told of a channel: the resource, and the newest sample. */
export function channelView(channel: LiveChannel, numbers: Numbers | undefined): ChannelView {
  const { metadata, spec, status } = channel;
  return {
    id: channelIdOf(metadata),
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    createdAt: metadata.creationTimestamp ?? new Date(0).toISOString(),
    streamMode: exposedSettings.streamMode.read(spec),
    effectiveStreamMode: status?.effectiveStreamMode ?? null,
    modeReason: status?.modeReason ?? null,
    platform: status?.streamingPlatform ?? exposedSettings.platform.read(spec) ?? null,
    playbackUrl: status?.hlsPlaybackUrl ?? null,
    latency: exposedSettings.playback.read(spec).latency,
    access: exposedSettings.playback.read(spec).access,
    relay: relayView(channel, numbers),
    conditions: (status?.conditions ?? []).map(
      ({ type, status: is, reason, message, lastTransitionTime }) => ({
        type,
        status: is,
        reason,
        message,
        since: lastTransitionTime,
      }),
    ),
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

export function relayView(channel: LiveChannel, numbers: Numbers | undefined): RelayView {
  const { status } = channel;
  const wanted = requiresRelay(channel);
  const relay = status?.relay;
  return {
    // Nobody has looked at it yet.
    status: status?.relayStatus ?? (wanted ? 'starting' : 'stopped'),
    wanted,
    startedAt: status?.relayStartedAt ?? null,
    mode: relay?.mode ?? null,
    health: status?.health ?? numbers?.relayHealth ?? null,
    restarts: relay?.restarts ?? 0,
    lastRestartReason: relay?.lastRestartReason ?? null,
    idleSince: relay?.idleSince ?? null,
    viewerCount: viewerCount(channel, numbers) ?? null,
    bitrateKbps: numbers?.bitrateKbps ?? null,
  };
}

/**
 * Viewers on HLS and on Agora together. Where there should be some on HLS and the platform does not tell how many,
 * nobody knows; the Agora audience is what the app itself reports, and none where it reports nothing.
 */
function viewerCount({ spec, status }: LiveChannel, numbers: Numbers | undefined): number | undefined {
  if (numbers === undefined) return undefined;
  const { agoraViewers, hlsViewers } = numbers;
  if ((status?.effectiveStreamMode ?? spec.streamMode) === 'agora-only' && hlsViewers === undefined)
    return agoraViewers;
  return hlsViewers === undefined ? undefined : hlsViewers + (agoraViewers ?? 0);
}
