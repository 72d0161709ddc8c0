import type { LiveChannel } from '../../api/live-channel.ts';
import { budgetAction } from './budget.ts';
import { isIdle, idleOf } from './idle.ts';
import type { EffectiveStreamMode } from '../../api/values.ts';

/**
 * What the spec asks for, in the two questions that matter: is there a stream, is there a relay. One that rests is not
 * there, unless to look for the host. `auto` always has a stream, and lets the relay rest where Agora alone is cheaper
 * (agora-alone.ts); until that is decided, viewers are on both.
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

/** Whether there should be a relay as soon as there is somebody for it. */
export function requiresRelay(channel: LiveChannel): boolean {
  const { streamMode, suspend } = channel.spec;
  return streamMode !== 'agora-only' && !suspend && budgetAction(channel) !== 'stop';
}
