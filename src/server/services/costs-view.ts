import type { z } from 'zod';
import type { CostEntry } from '../../store/store.ts';
import type { costsViewSchema } from '../contract.ts';
import type { CostComparison } from './cost-comparison.ts';

const MONTH_MS = 30 * 86_400_000;

/** Sums of the ledger; money is whole micro-dollars until it is told. */
export function costsView(
  entries: readonly CostEntry[],
  { from, to }: { readonly from: Date; readonly to: Date },
  { onAgoraAlone, onPlatforms, breakEvenViewers }: CostComparison,
): z.infer<typeof costsViewSchema> {
  const total = entries.reduce((sum, { microDollars }) => sum + microDollars, 0);
  const viewerSeconds = entries
    .filter(({ line }) => line === 'delivery' || line === 'agora-viewers')
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    usd: usd(total),
    estimated: entries.some(({ estimated }) => estimated),
    perViewerHourUsd: viewerSeconds > 0 ? usd((total * 3_600) / viewerSeconds) : null,
    monthForecastUsd: usd((total * MONTH_MS) / (to.getTime() - from.getTime())),
    onAgoraAloneUsd: onAgoraAlone === undefined ? null : usd(onAgoraAlone),
    onPlatformsUsd: Object.fromEntries(Object.entries(onPlatforms).map(([name, cost]) => [name, usd(cost)])),
    breakEvenViewers: breakEvenViewers ?? null,
    lines: summed(entries),
  };
}

function summed(entries: readonly CostEntry[]): z.infer<typeof costsViewSchema>['lines'] {
  const lines = new Map<string, CostEntry>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.channelId, entry.platform, entry.line]);
    const known = lines.get(key);
    lines.set(
      key,
      known === undefined
        ? entry
        : {
            ...known,
            microDollars: known.microDollars + entry.microDollars,
            quantity: known.quantity + entry.quantity,
            estimated: known.estimated || entry.estimated,
          },
    );
  }
  return [...lines.values()].map(({ channelId, platform, line, microDollars, quantity, estimated }) => ({
    channelId,
    platform,
    line,
    usd: usd(microDollars),
    quantity,
    estimated,
  }));
}

function usd(microDollars: number): string {
  const whole = Math.round(microDollars);
  const digits = String(Math.abs(whole)).padStart(7, '0');
  return `${whole < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
