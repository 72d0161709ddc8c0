import { backoffDelay, type BackoffPolicy } from '../../../base/backoff.ts';
import type { WebhookMessage } from '../../../api/webhooks.ts';
import type { Alert, Store } from '../../../store/store.ts';
import { errorSummary } from '../../../base/error-text.ts';
import type { Task, TaskContext } from '../../task.ts';
import { WEBHOOK_ABANDON_MS } from '../../timing.ts';

/** 5 s, 15 s, 45 s, and so on up to one hour, until WEBHOOK_ABANDON_MS. */
export const RETRY_BACKOFF: BackoffPolicy = { initialMs: 5_000, maxMs: 3_600_000, factor: 3, jitter: 0.2 };
const MAX_ALERTS_PER_RUN = 100;
const MAX_CONCURRENT_REQUESTS = 8;

export type DeliveryOutcome = 'delivered' | 'failed' | 'abandoned';

export interface DeliveryOptions extends TaskContext {
  readonly store: Pick<Store, 'undeliveredAlerts' | 'alertDelivered' | 'alertGivenUp'>;
  readonly send: (id: string, body: string) => Promise<void>;
  readonly onOutcome: (outcome: DeliveryOutcome) => void;
}

/**
 * Delivers each alert at least once, and again when it is resolved; retries until the receiver accepts it. Both messages
 * have an id that is the same in all attempts and under all leaders, by which the receiver recognizes duplicates.
 */
export class WebhookDelivery implements Task {
  readonly name = 'webhook';
  readonly everyMs = 2_000;
  readonly #options: DeliveryOptions;
  /** By message id: the number of failures, and the time of the next attempt on the monotonic clock. */
  #retries = new Map<string, { readonly failures: number; readonly at: number }>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  async run(): Promise<boolean> {
    const { store, clock } = this.#options;
    // Those that wait for another attempt must not fill the first places.
    const alerts = await store.undeliveredAlerts(MAX_ALERTS_PER_RUN + this.#retries.size);
    const open = new Set(alerts.map(webhookId));
    this.#retries = new Map([...this.#retries].filter(([id]) => open.has(id)));
    const now = clock.monotonic();
    const failures = (alert: Alert): number => this.#retries.get(webhookId(alert))?.failures ?? 0;
    const due = alerts
      .filter((alert) => (this.#retries.get(webhookId(alert))?.at ?? now) <= now)
      .toSorted((one, other) => failures(one) - failures(other));
    const outcomes = await Promise.allSettled(
      due.slice(0, MAX_CONCURRENT_REQUESTS).map((alert) => this.#deliver(alert)),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return due.length > MAX_CONCURRENT_REQUESTS;
  }

  /** Rejects only if the outcome cannot be written to the database. */
  async #deliver(alert: Alert): Promise<void> {
    const { store, clock, send, onOutcome, logger, random } = this.#options;
    const fields = { alert: alert.id, kind: alert.kind };
    if (alert.resolvedAt !== undefined && isOld(alert, clock.now()) && !this.#retries.has(webhookId(alert))) {
      // From before the webhook was configured, or a long outage of the operator: no longer of interest.
      await store.alertGivenUp(alert.id, clock.now());
      return;
    }
    const id = webhookId(alert);
    const failures = (this.#retries.get(id)?.failures ?? 0) + 1;
    const outcome = await send(id, webhookBody(alert)).then(
      () => 'delivered' as const,
      (error: unknown) => {
        logger.warn({ ...fields, failures, error: errorSummary(error) }, 'webhook delivery failed');
        return isOld(alert, clock.now()) ? ('abandoned' as const) : ('failed' as const);
      },
    );
    onOutcome(outcome);
    if (outcome === 'failed')
      this.#retries.set(id, {
        failures,
        at: clock.monotonic() + backoffDelay(RETRY_BACKOFF, failures, random),
      });
    else if (outcome === 'delivered') {
      await store.alertDelivered(alert, clock.now());
      logger.info(fields, 'alert delivered');
    } else {
      await store.alertGivenUp(alert.id, clock.now());
      logger.error(fields, 'alert delivery abandoned after 24 hours');
    }
  }
}

/** Id of the message; an alert and its resolution are two messages. */
export const webhookId = ({ id, resolvedAt }: Pick<Alert, 'id' | 'resolvedAt'>): string =>
  `livechannel-alert-${id}${resolvedAt === undefined ? '' : '-resolved'}`;

const newsAt = ({ raisedAt, resolvedAt }: Alert): Date => resolvedAt ?? raisedAt;

const isOld = (alert: Alert, now: Date): boolean =>
  now.getTime() - newsAt(alert).getTime() > WEBHOOK_ABANDON_MS;

/** JSON body of an alert or of its resolution. */
export function webhookBody(alert: Alert): string {
  const { id, kind, severity, message, occasion, raisedAt, resolvedAt } = alert;
  return JSON.stringify({
    type: resolvedAt === undefined ? 'livechannel.alert' : 'livechannel.alert.resolved',
    timestamp: newsAt(alert).toISOString(),
    data: {
      id,
      namespace: alert.namespace ?? null,
      channelId: alert.channelId ?? null,
      platform: alert.platform ?? null,
      kind,
      severity,
      message,
      occasion,
      raisedAt: raisedAt.toISOString(),
      resolvedAt: resolvedAt?.toISOString() ?? null,
    },
  } satisfies WebhookMessage);
}
