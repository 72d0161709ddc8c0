import type { LiveChannel } from '../../api/live-channel.ts';
import { budgetAction } from './budget.ts';
import { isIdle, idleOf } from './idle.ts';
import type { EffectiveStreamMode } from '../../api/values.ts';

/**
 * What the spec requires: a stream, a relay, both or neither. An idle relay does not run, except to check for the host.
 * `auto` always has a stream, and an idle relay where Agora alone is cheaper (stream-mode.ts); until that is decided,
 * viewers are on both.
 */
export function desiredResources(channel: LiveChannel): {
  mode: EffectiveStreamMode;
  stream: boolean;
  relay: boolean;
} {
  const { streamMode } = channel.spec;
  const mode = streamMode === 'auto' ? 'hybrid' : streamMode;
  const relay = requiresRelay(channel) && !isIdle(idleOf(channel));
  return { mode, stream: mode !== 'agora-only', relay };
}

/** Whether there should be a relay as soon as there are a host and viewers. */
export function requiresRelay(channel: LiveChannel): boolean {
  const { streamMode, suspend } = channel.spec;
  return streamMode !== 'agora-only' && !suspend && budgetAction(channel) !== 'stop';
}
