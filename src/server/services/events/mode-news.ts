import type { LiveChannel } from '../../../api/live-channel.ts';
import { budgetChoice, modeChoice } from '../../../channel/mode-choice.ts';
import type { EffectiveStreamMode } from '../../../channel/wanted.ts';

/** To which mode viewers should go over, and from when on nothing else is sure to work. */
export interface ModeNews {
  readonly mode: EffectiveStreamMode;
  readonly at: string;
  readonly message: string;
}

/**
 * What viewers have to be told of the change from `previous` (undefined: of the channel as it is, to somebody new).
 * Going to Agora alone is told as soon as it is decided, while HLS still plays. Everything else is told when it has
 * come: HLS plays only since the mode says so.
 */
export function modeNews(
  previous: LiveChannel | undefined,
  channel: LiveChannel,
  now: Date,
): ModeNews | undefined {
  const mode = channel.status?.effectiveStreamMode;
  const coming = decided(channel);
  if (coming !== undefined && mode !== coming.mode) {
    const known = previous === undefined ? undefined : decided(previous);
    return known?.at === coming.at ? undefined : coming;
  }
  const before = previous?.status?.effectiveStreamMode;
  if (mode === undefined || before === undefined || mode === before) return undefined;
  // Told when it was decided.
  if (previous !== undefined && decided(previous)?.mode === mode) return undefined;
  return { mode, at: now.toISOString(), message: reasonFor(channel, mode) };
}

/** Agora alone, by cost or by budget. */
function decided(channel: LiveChannel): ModeNews | undefined {
  if (channel.spec.streamMode === 'agora-only') return undefined;
  const choice = channel.spec.streamMode === 'auto' ? modeChoice(channel) : undefined;
  if (choice?.mode === 'agora-only')
    return { mode: 'agora-only', at: new Date(choice.at).toISOString(), message: choice.message };
  const budget = channel.spec.budget === undefined ? undefined : budgetChoice(channel);
  if (budget?.action === 'agora-only')
    return { mode: 'agora-only', at: new Date(budget.since).toISOString(), message: budget.message };
  return undefined;
}

function reasonFor({ status }: LiveChannel, mode: string): string {
  const fallback = status?.conditions?.find(({ type }) => type === 'FallbackActive');
  const said = fallback?.status === 'True' ? fallback.message : status?.modeReason;
  return said ?? `The mode of the channel is ${mode} now.`;
}
