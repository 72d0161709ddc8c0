import { channelIdOf } from '../../api/channel-id.ts';
import type { ChannelView, RelayView } from '../../api/channel-view.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { Health } from '../../api/values.ts';
import { requiresRelay } from '../desired/resources.ts';

/** The last observed numbers of a channel; undefined: unknown. */
export interface Numbers {
  readonly agoraViewers: number | undefined;
  readonly hlsViewers: number | undefined;
  readonly bitrateKbps: number | undefined;
  readonly relayHealth: Health | undefined;
}

/** A channel as apps see it: the resource, and the newest sample. */
export function channelView(channel: LiveChannel, numbers: Numbers | undefined): ChannelView {
  const { metadata, spec, status } = channel;
  return {
    id: channelIdOf(metadata),
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    createdAt: metadata.creationTimestamp ?? new Date(0).toISOString(),
    streamMode: spec.streamMode,
    effectiveStreamMode: status?.effectiveStreamMode ?? null,
    modeReason: status?.modeReason ?? null,
    platform: status?.streamingPlatform ?? spec.platformRef?.name ?? null,
    playbackUrl: status?.hlsPlaybackUrl ?? null,
    latency: spec.playback.latency,
    access: spec.playback.access,
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

/** The state of a channel's relay as apps see it. */
export function relayView(channel: LiveChannel, numbers: Numbers | undefined): RelayView {
  const { status } = channel;
  const wanted = requiresRelay(channel);
  const relay = status?.relay;
  return {
    // The channel has not been reconciled yet.
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
 * Viewers on HLS and on Agora together; undefined if viewers may be on HLS and the platform does not report their number.
 * The Agora audience is what the app reports; without a report it counts as 0.
 */
function viewerCount({ spec, status }: LiveChannel, numbers: Numbers | undefined): number | undefined {
  if (numbers === undefined) return undefined;
  const { agoraViewers, hlsViewers } = numbers;
  if ((status?.effectiveStreamMode ?? spec.streamMode) === 'agora-only' && hlsViewers === undefined)
    return agoraViewers;
  return hlsViewers === undefined ? undefined : hlsViewers + (agoraViewers ?? 0);
}
