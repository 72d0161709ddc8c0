import { backoffDelay, type BackoffPolicy } from '../../kube/backoff.ts';
import type { Alert, Store } from '../../store/store.ts';
import { wordsOf, type Task, type TaskContext } from '../task.ts';

/** 5 s, 15 s, 45 s, ... one hour, for a day. */
const backoff: BackoffPolicy = { initialMs: 5_000, maxMs: 3_600_000, factor: 3, jitter: 0.2 };
const givenUpAfterMs = 86_400_000;
const alertsAtOnce = 100;
const callsAtOnce = 8;

export type DeliveryOutcome = 'delivered' | 'failed' | 'given-up';

export interface DeliveryOptions extends TaskContext {
  readonly store: Pick<Store, 'undeliveredAlerts' | 'alertDelivered'>;
  readonly send: (id: string, body: string) => Promise<void>;
  readonly onOutcome: (outcome: DeliveryOutcome) => void;
}

/**
 * Sends alerts until their receiver has taken them, at least once each. The id stays the same from try to try, and from
 * one leader to the next: by it the receiver knows what it has had already.
 */
export class WebhookDelivery implements Task {
  readonly name = 'webhook';
  readonly everyMs = 2_000;
  readonly #options: DeliveryOptions;
  /** By alert: how often it failed, and when it is tried again, on the monotonic clock. */
  #retries = new Map<string, { readonly failures: number; readonly at: number }>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  async run(): Promise<boolean> {
    const { store, clock } = this.#options;
    const alerts = await store.undeliveredAlerts(alertsAtOnce);
    const open = new Set(alerts.map(({ id }) => id));
    this.#retries = new Map([...this.#retries].filter(([id]) => open.has(id)));
    const now = clock.monotonic();
    const due = alerts.filter(({ id }) => (this.#retries.get(id)?.at ?? now) <= now);
    const outcomes = await Promise.allSettled(due.slice(0, callsAtOnce).map((alert) => this.#deliver(alert)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return due.length > callsAtOnce;
  }

  /** Rejects only when the database cannot be told. */
  async #deliver(alert: Alert): Promise<void> {
    const { store, clock, send, onOutcome, logger, random } = this.#options;
    const fields = { alert: alert.id, kind: alert.kind };
    const failures = (this.#retries.get(alert.id)?.failures ?? 0) + 1;
    const outcome = await send(webhookId(alert), webhookBody(alert)).then(
      () => 'delivered' as const,
      (error: unknown) => {
        const old = clock.now().getTime() - alert.raisedAt.getTime() > givenUpAfterMs;
        logger.warn({ ...fields, failures, error: wordsOf(error) }, 'the webhook did not take an alert');
        return old ? ('given-up' as const) : ('failed' as const);
      },
    );
    onOutcome(outcome);
    if (outcome === 'failed')
      this.#retries.set(alert.id, {
        failures,
        at: clock.monotonic() + backoffDelay(backoff, failures, random),
      });
    else {
      await store.alertDelivered(alert, clock.now());
      logger.info(fields, outcome === 'delivered' ? 'alert delivered' : 'alert given up after a day');
    }
  }
}

export const webhookId = ({ id }: Pick<Alert, 'id'>): string => `livechannel-alert-${id}`;

/** The shape that Standard Webhooks recommends: type, timestamp, data. */
export function webhookBody(alert: Alert): string {
  const { id, namespace, channelId, kind, severity, message, occasion, raisedAt, resolvedAt } = alert;
  return JSON.stringify({
    type: 'livechannel.alert',
    timestamp: raisedAt.toISOString(),
    data: {
      id,
      namespace,
      channelId,
      kind,
      severity,
      message,
      occasion,
      raisedAt: raisedAt.toISOString(),
      resolvedAt: resolvedAt?.toISOString() ?? null,
    },
  });
}
