import type { PricesView } from '../../../server/contract/costs.ts';
import { hourOnAgora, hourOnHls, type HourlyRates } from '../../../costs/viewer-prices.ts';
import type { PlotChart } from '../channel/charts/plot.ts';

type Rates = PricesView['rates'][number];

/** Lines that can be told apart. */
export const MOST_PLATFORMS = 5;
/** Points of a line: straight, but the cursor stops at each. */
const POINTS = 100;
const MICRO = 1_000_000;

/** Prices as the pure functions of costs expect them, in micro-dollars. */
export function hourlyRatesOf({ agoraViewerUsd, hlsViewerUsd, relayUsd }: Rates): HourlyRates {
  return {
    agoraViewer: Number(agoraViewerUsd) * MICRO,
    hlsViewer: Number(hlsViewerUsd) * MICRO,
    relay: Number(relayUsd) * MICRO,
  };
}

/** So many viewers that every break-even can be seen, with as much to its right. */
export function suggestedMost(rates: readonly Rates[]): number {
  const highest = Math.max(0, ...rates.map(({ breakEvenViewers }) => breakEvenViewers ?? 0));
  return Math.max(20, Math.ceil((2 * highest) / 10) * 10);
}

/** Cost of an hour by viewers: on Agora alone, and on each platform. The host, which is the same everywhere, is left out. */
export function breakEvenChart(rates: readonly Rates[], most: number): PlotChart | undefined {
  const [first] = rates;
  if (first === undefined) return undefined;
  const step = Math.max(1, Math.ceil(most / POINTS));
  const viewers = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  const agora = hourlyRatesOf(first);
  return {
    name: 'break-even',
    times: viewers,
    stepMs: step,
    lines: [
      { name: 'agora', values: viewers.map((n) => hourOnAgora(agora, n) / MICRO) },
      ...rates.slice(0, MOST_PLATFORMS).map((each) => ({
        name: each.platform,
        values: viewers.map((n) => hourOnHls(hourlyRatesOf(each), n) / MICRO),
      })),
    ],
  };
}
