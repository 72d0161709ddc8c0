import { chooseMode, type ModeMemory } from '../../costs/choose-mode.ts';
import { hourOnAgora, hourOnHls, hourlyRates, type Prices } from '../../costs/viewer-prices.ts';
import { dollars } from '../recording/dollars.ts';
import type { ModeAnswer, ModeQuestion } from './mode-keeper.ts';
import type { PricingInputs } from './pricing-inputs.ts';

/** What `streamMode: auto` decides for a channel as it is now, with the reason in words. */
export function chooseByCost(
  { turn, mode, since, memory }: ModeQuestion<ModeMemory>,
  { platform, resolution, recorded }: PricingInputs,
  prices: Prices,
): ModeAnswer<ModeMemory> {
  const now = turn.at.getTime();
  const { agoraViewers, hlsViewers } = turn.seen;
  const known = mode === 'hybrid' ? hlsViewers !== undefined : agoraViewers !== undefined;
  const viewers = known ? (agoraViewers ?? 0) + (hlsViewers ?? 0) : undefined;
  // A new leader knows when the mode was decided, and begins with the count that it finds.
  const before = memory ?? {
    at: now,
    regret: 0,
    level: viewers ?? 0,
    slope: 0,
    switches: since === undefined ? [] : [since.getTime()],
  };
  const figures =
    platform === undefined
      ? undefined
      : hourlyRates(prices, { platform: platform.spec, resolution, recorded });
  if (platform === undefined || figures === undefined) return { memory: before, choice: undefined };
  const answer = chooseMode({ now, mode, viewers, rivals: figures, memory: before });
  if (answer.mode === undefined || viewers === undefined) return { memory: answer.memory, choice: undefined };
  const costs = `${dollars(hourOnAgora(figures, viewers))}/h on Agora, ${dollars(hourOnHls(figures, viewers))}/h on ${platform.name}`;
  return {
    memory: answer.memory,
    choice: {
      mode: answer.mode,
      reason: answer.mode === 'hybrid' ? 'CheaperOnHls' : 'CheaperOnAgora',
      message: `${String(viewers)} ${viewers === 1 ? 'viewer costs' : 'viewers cost'} ${costs}`,
    },
  };
}
