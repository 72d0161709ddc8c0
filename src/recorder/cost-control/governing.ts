import type { Alerts } from '../recording/alerts.ts';
import { Accountant } from '../recording/accountant.ts';
import type { Annotator } from './annotator.ts';
import { BudgetPolicy } from './budget-keeper.ts';
import { CostController } from './cost-controller.ts';
import { microDollarsOf, type Ledger } from '../recording/ledger.ts';
import type { RecorderMetrics } from '../metrics.ts';
import { chooseByCost } from './mode-decision.ts';
import type { ModeMemory } from '../../costs/choose-mode.ts';
import type { Prices } from '../../costs/viewer-prices.ts';
import { meterLines, missedLines } from '../recording/meter-lines.ts';
import { AutoModePolicy } from './mode-keeper.ts';
import type { RecorderOptions } from '../recorder.ts';
import { pricingInputsOf, type PricingInputs } from './pricing-inputs.ts';

interface Parts {
  readonly ledger: Ledger;
  readonly alerts: Alerts;
  readonly annotator: Annotator;
  readonly metrics: RecorderMetrics;
  readonly prices: () => Prices;
}

/** Puts together what follows a channel's costs. */
export function governing(
  { settings, clock, event, platforms }: RecorderOptions,
  { ledger, alerts, annotator, metrics, prices }: Parts,
): CostController<PricingInputs> {
  return new CostController({
    accountant: new Accountant<PricingInputs>({
      ledger,
      meter: (before, after) => meterLines(before, after, prices()),
      missed: (before, after) => missedLines(before, after, prices()),
      onCost: (line) => {
        metrics.cost.inc({ platform: line.platform, line: line.line }, microDollarsOf(line));
      },
    }),
    termsOf: (turn) => pricingInputsOf(turn, platforms),
    keepers: [
      new AutoModePolicy<ModeMemory>({
        choose: (question) => chooseByCost(question, pricingInputsOf(question.turn, platforms), prices()),
        graceMs: settings.LIVECHANNEL_MODE_GRACE_SECONDS * 1_000,
        event,
        onSwitch: (mode) => {
          metrics.modeSwitches.inc({ mode });
        },
      }),
      new BudgetPolicy({
        clock,
        ledger,
        alerts,
        event,
        cheaperPlatform: ({ spec, status }) => {
          const other = spec.fallbackPlatformRef?.name;
          return other === status?.streamingPlatform ? undefined : other;
        },
        spentRatio: ({ metadata: { namespace = '', name } }, ratio) => {
          if (ratio === undefined) metrics.budgetSpent.remove({ namespace, channel: name });
          else metrics.budgetSpent.set({ namespace, channel: name }, ratio);
        },
      }),
    ],
    annotator,
  });
}
