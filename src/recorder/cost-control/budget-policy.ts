import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import { budgetDecision, type BudgetDecision } from '../../api/annotations/cost-decisions.ts';
import type { Clock } from '../../base/clock.ts';
import type { Alerts } from '../recording/alerts.ts';
import type { AnnotationPolicy, DesiredAnnotations, EmitEvent } from './annotation-policy.ts';
import { decideBudget, microDollarsOf } from './budget-decision.ts';
import type { Ledger } from '../recording/ledger.ts';
import type { SampledChannel } from '../recording/sampler.ts';
import { channelKey } from '../recording/take-sample.ts';

/** A new leader needs some time to read the ledger; spending that is unknown for longer is reported. */
const UNKNOWN_AFTER_MS = 120_000;

export interface BudgetPolicyOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly ledger: Pick<Ledger, 'spent' | 'showOf' | 'endShow'>;
  readonly alerts: Pick<Alerts, 'raise' | 'resolve'>;
  readonly event: EmitEvent;
  readonly cheaperPlatform: (channel: LiveChannel) => string | undefined;
  readonly spentRatio: (channel: LiveChannel, ratio: number | undefined) => void;
}

const reasonOf: Record<BudgetDecision['level'], Reason> = {
  ok: 'WithinBudget',
  nearly: 'BudgetThresholdReached',
  spent: 'BudgetSpent',
  unknown: 'BudgetUnknown',
};

/** Enforces spec.budget: publishes the decision, emits events, and raises and resolves alerts. */
export class BudgetPolicy implements AnnotationPolicy {
  readonly #options: BudgetPolicyOptions;
  /** Last decision by channel uid. */
  readonly #last = new Map<string, BudgetDecision>();
  readonly #unknownSince = new Map<string, number>();

  constructor(options: BudgetPolicyOptions) {
    this.#options = options;
  }

  desired({ channel, at: now }: Pick<SampledChannel, 'channel' | 'at'>): DesiredAnnotations {
    const { clock, ledger, spentRatio } = this.#options;
    const { budget, suspend } = channel.spec;
    const { uid } = channel.metadata;
    const key = channelKey(channel);
    // Suspended on purpose: what follows is another show, with its own budget.
    if (suspend) ledger.endShow(key);
    if (budget === undefined || (suspend && budget.per === 'show')) {
      this.forget(channel);
      return { [annotations.budget]: null };
    }
    const spent = ledger.spent(key, budget.per, now);
    if (spent !== undefined) this.#unknownSince.delete(uid);
    else if (!this.#unknownSince.has(uid)) this.#unknownSince.set(uid, clock.monotonic());
    const limit = microDollarsOf(budget.usd);
    spentRatio(channel, spent === undefined ? undefined : limit === 0 ? 1 : spent / limit);
    const last = this.#last.get(uid) ?? budgetDecision(channel);
    const facts = {
      spent,
      show: ledger.showOf(key),
      unknownForLong:
        clock.monotonic() - (this.#unknownSince.get(uid) ?? clock.monotonic()) >= UNKNOWN_AFTER_MS,
      cheaperPlatform: () => this.#options.cheaperPlatform(channel),
      last,
    };
    const choice = decideBudget(channel, facts, now);
    if (choice === undefined) return {};
    this.#last.set(uid, choice);
    if (choice !== last) this.#notify(channel, last, choice, now);
    return { [annotations.budget]: JSON.stringify(choice) };
  }

  /** The channel no longer has a budget, or was deleted: resolves its alerts, including those of a previous leader. */
  forget(channel: LiveChannel): void {
    const last = this.#last.get(channel.metadata.uid) ?? budgetDecision(channel);
    if (last !== undefined) this.#resolve(channel, last.period, this.#options.clock.now());
    this.#last.delete(channel.metadata.uid);
    this.#unknownSince.delete(channel.metadata.uid);
    this.#options.spentRatio(channel, undefined);
  }

  #notify(channel: LiveChannel, last: BudgetDecision | undefined, choice: BudgetDecision, now: Date): void {
    const { alerts, event } = this.#options;
    const key = channelKey(channel);
    const { level, period, message } = choice;
    const ended = last !== undefined && (last.period !== period || level === 'ok');
    if (ended) this.#resolve(channel, last.period, now);
    if (
      level === 'ok'
        ? last === undefined || last.level === 'ok'
        : last?.level === level && last.period === period
    )
      return; // unchanged, or within the budget from the start
    event(channel, level === 'ok' ? 'Normal' : 'Warning', reasonOf[level], message);
    if (level === 'nearly' || level === 'spent')
      alerts.raise({
        ...key,
        raisedAt: now,
        kind: reasonOf[level],
        severity: level === 'spent' ? 'critical' : 'warning',
        message,
        occasion: occasionOf(period, level),
      });
  }

  #resolve(channel: LiveChannel, period: string, now: Date): void {
    for (const each of ['nearly', 'spent'] as const)
      this.#options.alerts.resolve(channelKey(channel), occasionOf(period, each), now);
  }
}

const occasionOf = (period: string, level: 'nearly' | 'spent'): string => `budget/${period}/${level}`;
