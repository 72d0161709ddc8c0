import { appLabels } from '../../api/app-labels.ts';
import { channelIdOf } from '../../api/channel-id.ts';
import type { ChannelView, RelayView } from '../../api/channel-view.ts';
import { platformNameOf, type LiveChannel } from '../../api/live-channel.ts';
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
    labels: appLabels(metadata),
    streamMode: spec.streamMode,
    effectiveStreamMode: status?.effectiveStreamMode ?? null,
    modeReason: status?.modeReason ?? null,
    platform: platformNameOf(channel) ?? null,
    playbackUrl: status?.hlsPlaybackUrl ?? null,
    latencyMode: spec.playback.latency,
    access: spec.playback.access,
    maxResolution: spec.relay.maxResolution,
    maxVideoBitrateKbps: spec.relay.maxVideoBitrateKbps ?? null,
    standby: spec.relay.replicas > 1,
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
  const relay = status?.relay;
  const wanted = requiresRelay(channel);
  const state = {
    // The channel has not been reconciled yet.
    status: status?.relayStatus ?? (wanted ? 'starting' : 'stopped'),
    wanted,
    reportedHealth: status?.health ?? numbers?.relayHealth ?? null,
    idleSince: relay?.idleSince ?? null,
  } as const;
  return {
    isActive: state.status === 'active',
    bitrate: numbers?.bitrateKbps ?? 0,
    health: healthOf(state),
    ...state,
    startedAt: status?.relayStartedAt ?? null,
    mode: relay?.mode ?? null,
    restarts: relay?.restarts ?? 0,
    lastRestartReason: relay?.lastRestartReason ?? null,
    ...viewersOf(channel, numbers),
    bitrateKbps: numbers?.bitrateKbps ?? null,
  };
}

/**
 * The app's contract has three values of health, so a relay that is off air has one, too: how well it matches the desired
 * state.
 *
 *   on air                              as reported; good until the first report
 *   off air, as desired                 good: nothing is wrong
 *   idle without host or viewers        good
 *   starting, or about to               fair
 *   error                               poor
 */
export function healthOf({
  status,
  wanted,
  reportedHealth,
  idleSince,
}: Pick<RelayView, 'status' | 'wanted' | 'reportedHealth' | 'idleSince'>): Health {
  if (status === 'error') return 'poor';
  if (status === 'active') return reportedHealth ?? 'good';
  if (status === 'stopped' && (!wanted || idleSince !== null)) return 'good';
  return 'fair';
}

/**
 * Viewers on HLS and on Agora. They are unknown if viewers may be on HLS and the platform does not report their number.
 * The Agora audience is what the app reports; without a report it counts as 0.
 */
function viewersOf(
  { spec, status }: LiveChannel,
  numbers: Numbers | undefined,
): Pick<RelayView, 'viewerCount' | 'viewersKnown' | 'hlsViewers' | 'agoraViewers'> {
  const hlsViewers = numbers?.hlsViewers ?? null;
  const agoraViewers = numbers?.agoraViewers ?? null;
  const onAgoraAlone = (status?.effectiveStreamMode ?? spec.streamMode) === 'agora-only';
  return {
    viewerCount: (hlsViewers ?? 0) + (agoraViewers ?? 0),
    viewersKnown: hlsViewers !== null || (onAgoraAlone && agoraViewers !== null),
    hlsViewers,
    agoraViewers,
  };
}
