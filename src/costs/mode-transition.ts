import type { AutoStreamMode } from '../api/values.ts';
import type { MicroDollars } from './price-book.ts';
import { hourOnAgora, hourOnHls, type HourlyRates } from './viewer-prices.ts';

/** Where the viewers are, and whether there is a relay to be paid for. */
export interface Placement {
  readonly viewersOn: AutoStreamMode;
  readonly relay: boolean;
}

/** So it is from that second on. */
export interface ModeTransition extends Placement {
  readonly second: number;
}

/** From the decision until viewers are sent to HLS: about 3 s until the relay is on air, and 10 s that it has to be. */
const startSeconds = 13;
/** The default of LIVECHANNEL_MODE_GRACE_SECONDS: so long before they are sent to Agora alone the app is told. */
const graceSeconds = 30;
/** The default of LIVECHANNEL_DRAIN_SECONDS: so long after it the relay goes on. */
const drainSeconds = 30;

export const placementIn = (mode: AutoStreamMode): Placement => ({
  viewersOn: mode,
  relay: mode === 'hybrid',
});

/**
 * What a change decided at that second leads to, in order. Nobody is ever sent to where nothing plays, so both ways are
 * paid for meanwhile; a relay that is still there need not be started.
 */
export function transitionsTo(
  mode: AutoStreamMode,
  now: Placement,
  second: number,
): readonly ModeTransition[] {
  if (mode === 'agora-only') {
    const leave = second + graceSeconds;
    return [
      { second: leave, viewersOn: mode, relay: true },
      { second: leave + drainSeconds, viewersOn: mode, relay: false },
    ];
  }
  if (now.relay) return [{ second, ...placementIn(mode) }];
  return [
    { second, viewersOn: 'agora-only', relay: true },
    { second: second + startSeconds, ...placementIn(mode) },
  ];
}

/** An hour of that with so many viewers. */
export function costOfHour(
  { viewersOn, relay }: Placement,
  viewers: number,
  rivals: HourlyRates,
): MicroDollars {
  if (viewersOn === 'hybrid') return hourOnHls(rivals, viewers);
  return hourOnAgora(rivals, viewers) + (relay ? rivals.relay : 0);
}
