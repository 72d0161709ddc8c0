import type { LiveChannel } from '../../../api/live-channel.ts';
import { agoraOnlyDecision } from '../../../channel/desired/stream-mode.ts';
import type { EffectiveStreamMode } from '../../../api/values.ts';

/** To which mode viewers should go over, and from when on nothing else is sure to work. */
export interface ModeNews {
  readonly mode: EffectiveStreamMode;
  readonly at: string;
  readonly message: string;
}

/**
 * What viewers have to be told of the change from `previous` (undefined: of the channel as it is, to somebody new).
 * Going to Agora alone, by cost or by budget, is told as soon as it is decided, while HLS still plays. Everything else
 * is told when it has come: HLS plays only since the mode says so.
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
    // A budget does not wait: its time is long past.
    const at = coming.from > now ? coming.from : now;
    return { mode: 'agora-only', at: at.toISOString(), message: coming.why.message };
  }
  const before = previous?.status?.effectiveStreamMode;
  if (mode === undefined || before === undefined || mode === before) return undefined;
  // That was told when it was decided.
  if (mode === 'agora-only' && known !== undefined) return undefined;
  return { mode, at: now.toISOString(), message: reasonFor(channel, mode) };
}

function decided(channel: LiveChannel): ReturnType<typeof agoraOnlyDecision> {
  return channel.spec.streamMode === 'agora-only' ? undefined : agoraOnlyDecision(channel);
}

function reasonFor({ status }: LiveChannel, mode: string): string {
  const fallback = status?.conditions?.find(({ type }) => type === 'FallbackActive');
  const said = fallback?.status === 'True' ? fallback.message : status?.modeReason;
  return said ?? `The mode of the channel is ${mode} now.`;
}
