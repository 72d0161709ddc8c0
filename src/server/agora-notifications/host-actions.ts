import { isRelayUid } from '../../api/agora-uids.ts';
import type { ChannelId } from '../../api/channel-id.ts';
import { isChannelId } from '../../api/channel-id-form.ts';
import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { idleOf } from '../../channel/desired/idle.ts';
import { requiresRelay } from '../../channel/desired/resources.ts';
import { channelIdFrom } from './agora-channel-template.ts';
import type { MemberNotification } from './notification.ts';

/**
 * An event that is older, or that was sent longer ago, starts nothing: it may be a recorded notification that is sent
 * again, and its host may be gone. Agora's own repetitions take less than a minute.
 */
const EVENT_VALID_MS = 300_000;

/** What the join of a host causes. */
export type HostAction =
  /** Start the relay, by annotation resume. */
  | { readonly do: 'resume'; readonly channel: LiveChannel }
  /** Create the channel, on air. */
  | { readonly do: 'create'; readonly id: ChannelId };

export interface HostPolicy {
  /** Whether a host in an Agora channel that no LiveChannel relays creates one. */
  readonly createChannels: boolean;
  /** The project of new channels. */
  readonly project: string;
  /** Names of Agora channels by channel ID, as in live_{channelId}. */
  readonly template: string;
}

/** Whether the event is recent enough to start something. */
export function isCurrent({ at, sentAt }: MemberNotification, now: Date): boolean {
  return [at, sentAt].every((time) => Math.abs(now.getTime() - time.getTime()) <= EVENT_VALID_MS);
}

/**
 * What the event causes, given the channels of its project that relay its Agora channel. A host that leaves causes
 * nothing: the relay sees for itself that there is no host, and becomes idle after spec.relay.idle.noHostSeconds.
 */
export function hostActions(
  project: string,
  event: MemberNotification,
  channels: readonly LiveChannel[],
  policy: HostPolicy,
): readonly HostAction[] {
  if (!event.present || isRelayUid(event.uid)) return [];
  if (channels.length > 0)
    return channels
      .filter((channel) => isHostOf(channel, event) && needsStart(channel))
      .map((channel) => ({ do: 'resume', channel }));
  if (!policy.createChannels || project !== policy.project || event.role !== 'host') return [];
  const id = channelIdFrom(policy.template, event.agoraChannel);
  return id === undefined || !isChannelId(id) ? [] : [{ do: 'create', id }];
}

/** Whether the relay of a channel with startOn: host is idle, and starts when its host publishes. */
export function awaitsHost(channel: LiveChannel): boolean {
  const { startOn, idle } = channel.spec.relay;
  if (startOn !== 'host' || idle.hostProbeIntervalSeconds === 0) return false;
  if (channel.metadata.deletionTimestamp !== undefined || !requiresRelay(channel)) return false;
  return idleOf(channel)?.why === 'no-host';
}

/**
 * Whether the relay of a channel with startOn: host is idle although its host is in the Agora channel: it began to publish
 * only after the relay had waited for it in vain, or the notification of its join could not be obeyed. The relay then
 * starts at the interval of probes.
 */
export function isMissed(channel: LiveChannel, hostUids: readonly number[], now: Date): boolean {
  const idle = idleOf(channel);
  if (!awaitsHost(channel) || idle === undefined) return false;
  const { spec, metadata } = channel;
  const { hostUid } = spec.agora;
  const isThere = hostUid === undefined ? hostUids.length > 0 : hostUids.includes(hostUid);
  const resumedAt = Date.parse(metadata.annotations?.[annotations.resume] ?? '');
  const since = Math.max(Date.parse(idle.since), Number.isNaN(resumedAt) ? -Infinity : resumedAt);
  return isThere && now.getTime() - since >= spec.relay.idle.hostProbeIntervalSeconds * 1_000;
}

function isHostOf({ spec }: LiveChannel, { uid, role }: MemberNotification): boolean {
  return spec.agora.hostUid === undefined
    ? role === 'host'
    : uid === spec.agora.hostUid && role !== 'audience';
}

/**
 * A relay that is idle because there was no host. With startOn: host also one that runs without having seen the host: it
 * might be about to become idle.
 */
function needsStart(channel: LiveChannel): boolean {
  if (channel.metadata.deletionTimestamp !== undefined || !requiresRelay(channel)) return false;
  const idle = idleOf(channel);
  if (idle !== undefined) return idle.why === 'no-host';
  return (
    channel.spec.relay.startOn === 'host' &&
    findCondition(channel.status?.conditions, 'HostPresent')?.status !== 'True'
  );
}
