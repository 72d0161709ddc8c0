import type { Alerts } from './alerts.ts';
import { Accountant } from './accountant.ts';
import type { Annotator } from './annotator.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { Governor } from './governor.ts';
import type { Ledger } from './ledger.ts';
import type { RecorderMetrics } from './metrics.ts';
import { meterLines } from './meter-lines.ts';
import type { RecorderOptions } from './recorder.ts';
import { termsOf, type Terms } from './terms.ts';
import { listPrices } from '../costs/price-book.ts';

interface Parts {
  readonly ledger: Ledger;
  readonly alerts: Alerts;
  readonly annotator: Annotator;
  readonly metrics: RecorderMetrics;
}

/** Puts together what follows a channel's costs. */
export function governing(
  { clock, event, platforms }: RecorderOptions,
  { ledger, alerts, annotator, metrics }: Parts,
): Governor<Terms> {
  return new Governor({
    accountant: new Accountant<Terms>({
      ledger,
      meter: (before, after) => meterLines(before, after, listPrices, 'built-in'),
      onCost: ({ platform, line, microDollars }) => {
        metrics.cost.inc({ platform, line }, microDollars);
      },
    }),
    termsOf: (turn) => termsOf(turn, platforms),
    keepers: [
      new BudgetKeeper({
        clock,
        ledger,
        alerts,
        event,
        cheaperPlatform: ({ spec }) => spec.fallbackPlatformRef?.name,
        spentRatio: ({ metadata: { namespace = '', name } }, ratio) => {
          if (ratio === undefined) metrics.budgetSpent.remove({ namespace, channel: name });
          else metrics.budgetSpent.set({ namespace, channel: name }, ratio);
        },
      }),
    ],
    annotator,
  });
}
