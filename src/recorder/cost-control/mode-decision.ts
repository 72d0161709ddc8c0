import type { ModeDecision } from '../../api/annotations/cost-decisions.ts';
import { chooseMode, type ModeMemory } from '../../costs/choose-mode.ts';
import { hourOnAgora, hourOnHls, hourlyRates, type Prices } from '../../costs/viewer-prices.ts';
import type { PricingInputs } from '../recording/pricing-inputs.ts';
import type { SampledChannel } from '../recording/sampler.ts';
import { dollars } from './dollars.ts';

/** What was decided so far. */
export interface CurrentMode {
  readonly mode: ModeDecision['mode'];
  /** When that mode was decided; undefined while nothing has been decided. */
  readonly since: Date | undefined;
  /** Left by the decision before; undefined at first, and with a new leader. */
  readonly memory: ModeMemory | undefined;
}

export interface ModeChoice {
  /** To pass to the next decision. */
  readonly memory: ModeMemory;
  /** undefined: the mode stays. */
  readonly change: Pick<ModeDecision, 'mode' | 'reason' | 'message'> | undefined;
}

/** What `streamMode: auto` decides for a channel from one sample, with the figures in the message. Pure. */
export function chooseByCost(
  { at, seen: { agoraViewers, hlsViewers } }: Pick<SampledChannel, 'at' | 'seen'>,
  { mode, since, memory }: CurrentMode,
  {
    inputs: { platform, resolution, recorded },
    prices,
  }: { readonly inputs: PricingInputs; readonly prices: Prices },
): ModeChoice {
  const now = at.getTime();
  const known = mode === 'hybrid' ? hlsViewers !== undefined : agoraViewers !== undefined;
  const viewers = known ? (agoraViewers ?? 0) + (hlsViewers ?? 0) : undefined;
  // A new leader knows when the mode was decided, and starts from the viewers that it finds.
  const before = memory ?? {
    at: now,
    regret: 0,
    level: viewers ?? 0,
    slope: 0,
    switches: since === undefined ? [] : [since.getTime()],
  };
  if (platform === undefined) return { memory: before, change: undefined };
  const rates = hourlyRates(prices, { platform: platform.spec, resolution, recorded });
  if (rates === undefined) return { memory: before, change: undefined };
  const decision = chooseMode({ now, mode, viewers, rivals: rates, memory: before });
  if (decision.mode === undefined || viewers === undefined)
    return { memory: decision.memory, change: undefined };
  const costs = `${dollars(hourOnAgora(rates, viewers))}/h on Agora, ${dollars(hourOnHls(rates, viewers))}/h on ${platform.name}`;
  return {
    memory: decision.memory,
    change: {
      mode: decision.mode,
      reason: decision.mode === 'hybrid' ? 'CheaperOnHls' : 'CheaperOnAgora',
      message: `${viewers} ${viewers === 1 ? 'viewer costs' : 'viewers cost'} ${costs}`,
    },
  };
}
