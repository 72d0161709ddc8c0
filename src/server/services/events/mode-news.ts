import { findCondition } from '../../../api/conditions.ts';
import type { LiveChannel } from '../../../api/live-channel.ts';
import { agoraOnlyDecision } from '../../../channel/desired/stream-mode.ts';
import type { EffectiveStreamMode } from '../../../api/values.ts';

/** The mode that viewers should switch to, and the time from which other modes may not work. */
export interface ModeNews {
  readonly mode: EffectiveStreamMode;
  readonly at: string;
  readonly message: string;
}

/**
 * The mode change to announce to viewers after a change from `previous` (undefined: for a new subscriber). A change to
 * Agora alone, by cost or by budget, is announced when it is decided, while HLS still works. Other changes are announced
 * when they have taken effect, because HLS works only from then on.
 */
export function modeNews(
  previous: LiveChannel | undefined,
  channel: LiveChannel,
  now: Date,
): ModeNews | undefined {
  const mode = channel.status?.effectiveStreamMode;
  const coming = decided(channel);
  const known = previous === undefined ? undefined : decided(previous);
  if (coming !== undefined && mode !== 'agora-only') {
    if (known?.from.getTime() === coming.from.getTime()) return undefined;
    // The decision of a budget applies at once, so its time is in the past.
    const at = coming.from > now ? coming.from : now;
    return { mode: 'agora-only', at: at.toISOString(), message: coming.why.message };
  }
  const before = previous?.status?.effectiveStreamMode;
  if (mode === undefined || before === undefined || mode === before) return undefined;
  // It was announced when it was decided.
  if (mode === 'agora-only' && known !== undefined) return undefined;
  return { mode, at: now.toISOString(), message: reasonFor(channel, mode) };
}

function decided(channel: LiveChannel): ReturnType<typeof agoraOnlyDecision> {
  return channel.spec.streamMode === 'agora-only' ? undefined : agoraOnlyDecision(channel);
}

function reasonFor({ status }: LiveChannel, mode: string): string {
  const fallback = findCondition(status?.conditions, 'FallbackActive');
  const said = fallback?.status === 'True' ? fallback.message : status?.modeReason;
  return said ?? `The mode of the channel is ${mode} now.`;
}
