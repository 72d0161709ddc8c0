import type { ModeDecision } from '../../api/annotations/cost-decisions.ts';
import { chooseMode, type ModeMemory } from '../../costs/choose-mode.ts';
import { hourOnAgora, hourOnHls, hourlyRates, type Prices } from '../../costs/viewer-prices.ts';
import type { PricingInputs } from '../recording/pricing-inputs.ts';
import type { SampledChannel } from '../recording/sampler.ts';
import { dollars } from './dollars.ts';

/** The current mode and its history. */
export interface CurrentMode {
  readonly mode: ModeDecision['mode'];
  /** Time of the decision for that mode; undefined while nothing has been decided. */
  readonly since: Date | undefined;
  /** Returned by the previous decision; undefined at first, and in a new leader. */
  readonly memory: ModeMemory | undefined;
}

/** Result of a decision on the mode. */
export interface ModeChoice {
  /** To pass to the next decision. */
  readonly memory: ModeMemory;
  /** undefined: the mode stays. */
  readonly change: Pick<ModeDecision, 'mode' | 'reason' | 'message'> | undefined;
}

/** Decides the mode of a channel with `streamMode: auto` from one sample. The message contains the costs. Pure. */
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
  // A new leader knows only when the mode was decided, and starts from the current number of viewers.
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
