import type { LiveChannel } from '../../api/live-channel.ts';
import { budgetAction } from './budget.ts';
import { configuredMode } from './stream-mode.ts';
import { isIdle, idleOf } from './idle.ts';
import type { EffectiveStreamMode } from '../../api/values.ts';

/**
 * Whether the channel should have a stream and a relay now. An idle relay does not run, except to check for the host.
 * With `auto` there is always a stream, and the relay is idle where Agora alone is cheaper (stream-mode.ts). Until that
 * is decided, viewers use both.
 */
export function desiredResources(channel: LiveChannel): {
  mode: EffectiveStreamMode;
  stream: boolean;
  relay: boolean;
} {
  const mode = configuredMode(channel);
  const relay = requiresRelay(channel) && !isIdle(idleOf(channel));
  return { mode, stream: mode !== 'agora-only', relay };
}

/** Whether media arrives at the platform, or should arrive whenever there are a host and viewers. */
export function isOnAirOrWanted(channel: LiveChannel): boolean {
  if (channel.metadata.deletionTimestamp !== undefined) return false;
  return channel.status?.relayStatus === 'active' || requiresRelay(channel);
}

/** Whether the channel should have a relay whenever it has a host and viewers. */
export function requiresRelay(channel: LiveChannel): boolean {
  const { streamMode, suspend } = channel.spec;
  return streamMode !== 'agora-only' && !suspend && budgetAction(channel) !== 'stop';
}
