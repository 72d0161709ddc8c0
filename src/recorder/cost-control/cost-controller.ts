import type { LiveChannel } from '../../api/live-channel.ts';
import type { Clock } from '../../base/clock.ts';
import type { Prices } from '../../costs/viewer-prices.ts';
import type { Sample } from '../../store/store.ts';
import type { RecorderMetrics } from '../metrics.ts';
import { Accountant } from '../recording/accountant.ts';
import type { Alerts } from '../recording/alerts.ts';
import { microDollarsOf, type Ledger } from '../recording/ledger.ts';
import { meterLines, missedLines } from '../recording/meter-lines.ts';
import { pricingInputsOf, type Platforms } from '../recording/pricing-inputs.ts';
import type { SampledChannel } from '../recording/sampler.ts';
import type { AnnotationPolicy, EmitEvent } from './annotation-policy.ts';
import type { Annotator } from './annotator.ts';
import { AutoModePolicy } from './auto-mode-policy.ts';
import { BudgetPolicy } from './budget-policy.ts';
import { chooseByCost } from './mode-decision.ts';

export interface CostControllerOptions {
  /** Time between publishing a decision and sending viewers to Agora, in milliseconds. */
  readonly modeGraceMs: number;
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly ledger: Ledger;
  readonly alerts: Pick<Alerts, 'raise' | 'resolve'>;
  readonly annotator: Pick<Annotator, 'annotate' | 'forget'>;
  readonly metrics: Pick<RecorderMetrics, 'cost' | 'modeSwitches' | 'budgetSpent'>;
  readonly platforms: Platforms;
  readonly prices: () => Prices;
  readonly event: EmitEvent;
}

/** Records the costs of each channel, and applies the decisions of auto mode and budgets as annotations. */
export class CostController {
  readonly #platforms: Platforms;
  readonly #annotator: Pick<Annotator, 'annotate' | 'forget'>;
  readonly #accountant: Accountant;
  readonly #policies: readonly AnnotationPolicy[];

  constructor(options: CostControllerOptions) {
    const { ledger, metrics, platforms, prices, event } = options;
    this.#platforms = platforms;
    this.#annotator = options.annotator;
    this.#accountant = new Accountant({
      ledger,
      meter: (before, after) => meterLines(before, after, prices()),
      missed: (before, after) => missedLines(before, after, prices()),
      onCost: (line) => {
        metrics.cost.inc({ platform: line.platform, line: line.line }, microDollarsOf(line));
      },
    });
    this.#policies = [
      new AutoModePolicy({
        choose: (sampled, current) =>
          chooseByCost(sampled, current, { inputs: pricingInputsOf(sampled, platforms), prices: prices() }),
        graceMs: options.modeGraceMs,
        event,
        onSwitch: (mode) => {
          metrics.modeSwitches.inc({ mode });
        },
      }),
      new BudgetPolicy({
        clock: options.clock,
        ledger,
        alerts: options.alerts,
        event,
        cheaperPlatform,
        spentRatio: ({ metadata: { namespace = '', name } }, ratio) => {
          if (ratio === undefined) metrics.budgetSpent.remove({ namespace, channel: name });
          else metrics.budgetSpent.set({ namespace, channel: name }, ratio);
        },
      }),
    ];
  }

  /** Called for each channel once per interval, also without a sample. Does no I/O. */
  onSample(sampled: SampledChannel): void {
    const { channel, sample } = sampled;
    if (channel.metadata.deletionTimestamp !== undefined) return;
    if (sample !== undefined && hasCosts(sample))
      this.#accountant.note(channel, sample, pricingInputsOf(sampled, this.#platforms));
    else this.#accountant.forget(channel);
    const desired = this.#policies.flatMap((policy) => Object.entries(policy.desired(sampled)));
    this.#annotator.annotate(channel, Object.fromEntries(desired));
  }

  forget(channel: LiveChannel): void {
    for (const each of [this.#accountant, this.#annotator, ...this.#policies]) each.forget(channel);
  }
}

/** A channel that is off air and whose viewers on Agora are not reported has no known costs. */
const hasCosts = ({ relayStatus, agoraViewers }: Sample): boolean =>
  relayStatus === 'active' || agoraViewers !== undefined;

/** The cheaper platform is the fallback that the tenant names; undefined if the channel is on that platform already. */
function cheaperPlatform({ spec, status }: LiveChannel): string | undefined {
  const fallback = spec.fallbackPlatformRef?.name;
  return fallback === status?.streamingPlatform ? undefined : fallback;
}
