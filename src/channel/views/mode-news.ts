import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { agoraOnlyDecision } from '../desired/stream-mode.ts';
import type { EffectiveStreamMode } from '../../api/values.ts';

/** The mode that viewers should switch to, and the time from which other modes may not work. */
export interface ModeNews {
  readonly mode: EffectiveStreamMode;
  readonly at: string;
  readonly message: string;
}

/** What must be remembered of a channel to announce the next change of its mode. */
export interface ModeFacts {
  /** The effective mode; undefined before the first status. */
  readonly mode: EffectiveStreamMode | undefined;
  /** From when on viewers are or were to be on Agora alone, in Unix ms; undefined: this is not decided. */
  readonly agoraFrom: number | undefined;
}

export function modeFacts(channel: LiveChannel): ModeFacts {
  return { mode: channel.status?.effectiveStreamMode, agoraFrom: decided(channel)?.from.getTime() };
}

/** As modeNewsSince, after a change from `previous` (undefined: for a new subscriber). */
export function modeNews(
  previous: LiveChannel | undefined,
  channel: LiveChannel,
  now: Date,
): ModeNews | undefined {
  return modeNewsSince(previous === undefined ? undefined : modeFacts(previous), channel, now);
}

/**
 * The mode change to announce to viewers since `known`. A change to Agora alone, by cost or by budget, is announced when
 * it is decided, while HLS still works. Other changes are announced when they have taken effect, because HLS works only
 * from then on.
 */
export function modeNewsSince(
  known: ModeFacts | undefined,
  channel: LiveChannel,
  now: Date,
): ModeNews | undefined {
  const mode = channel.status?.effectiveStreamMode;
  const coming = decided(channel);
  if (coming !== undefined && mode !== 'agora-only') {
    if (known?.agoraFrom === coming.from.getTime()) return undefined;
    // The decision of a budget applies at once, so its time is in the past.
    const at = coming.from > now ? coming.from : now;
    return { mode: 'agora-only', at: at.toISOString(), message: coming.why.message };
  }
  if (mode === undefined || known?.mode === undefined || mode === known.mode) return undefined;
  // It was announced when it was decided.
  if (mode === 'agora-only' && known.agoraFrom !== undefined) return undefined;
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
