import type { AutoStreamMode } from '../api/values.ts';
import type { MicroDollars } from './price-book.ts';
import { hourOnAgora, hourOnHls, type HourlyRates } from './viewer-prices.ts';

/** Where the viewers are, and whether a relay runs and has to be paid for. */
export interface Placement {
  readonly viewersOn: AutoStreamMode;
  readonly relay: boolean;
}

/** A placement that begins at a second of the trace. */
export interface ModeTransition extends Placement {
  readonly second: number;
}

/** From the decision until viewers are sent to HLS: about 3 s until the relay is on air, then 10 s on air. */
const RELAY_START_SECONDS = 13;
/** The default of LIVECHANNEL_MODE_GRACE_SECONDS: the app is notified this long before viewers are sent to Agora only. */
const MODE_GRACE_SECONDS = 30;
/** The default of LIVECHANNEL_DRAIN_SECONDS: the relay continues for this time after viewers were sent to Agora. */
const DRAIN_SECONDS = 30;

/** The steady-state placement of a channel in this mode. */
export const placementIn = (mode: AutoStreamMode): Placement => ({
  viewersOn: mode,
  relay: mode === 'hybrid',
});

/**
 * The transitions that follow from a change to `mode` decided at `second`, in order. Viewers are never sent to a stream
 * that is not on air, so Agora and the relay are both paid for in the meantime. A relay that still runs is not started
 * again.
 */
export function transitionsTo(
  mode: AutoStreamMode,
  now: Placement,
  second: number,
): readonly ModeTransition[] {
  if (mode === 'agora-only') {
    const leave = second + MODE_GRACE_SECONDS;
    return [
      { second: leave, viewersOn: mode, relay: true },
      { second: leave + DRAIN_SECONDS, viewersOn: mode, relay: false },
    ];
  }
  if (now.relay) return [{ second, ...placementIn(mode) }];
  return [
    { second, viewersOn: 'agora-only', relay: true },
    { second: second + RELAY_START_SECONDS, ...placementIn(mode) },
  ];
}

/** The costs of an hour in this placement with that number of viewers, in micro-dollars. */
export function costOfHour(
  { viewersOn, relay }: Placement,
  viewers: number,
  rivals: HourlyRates,
): MicroDollars {
  if (viewersOn === 'hybrid') return hourOnHls(rivals, viewers);
  return hourOnAgora(rivals, viewers) + (relay ? rivals.relay : 0);
}
