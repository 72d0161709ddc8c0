import { webhookType, type ChannelMessage } from '../../../api/webhooks.ts';
import { backoffDelay, type BackoffPolicy } from '../../../base/backoff.ts';
import { errorSummary } from '../../../base/error-text.ts';
import { keyText } from '../../../store/channel-key-text.ts';
import type { OutboxMessage, Store } from '../../../store/store.ts';
import type { Task, TaskContext } from '../../task.ts';
import { WEBHOOK_ABANDON_MS } from '../../timing.ts';
import { RETRY_BACKOFF, type DeliveryOutcome } from './webhook-delivery.ts';

/** While the receiver accepts nothing, one message is tried at these intervals, however many wait. */
const OUTAGE_BACKOFF: BackoffPolicy = { initialMs: 5_000, maxMs: 60_000, factor: 2, jitter: 0.2 };
/** Runs without success after which the receiver was down: fewer may be a message that it does not accept. */
const OUTAGE_RUNS = 3;
const MAX_MESSAGES_PER_RUN = 100;
const MAX_CONCURRENT_REQUESTS = 8;
/** At most three messages of a channel wait, so this is more than a receiver's outage leaves behind. */
const MAX_WAITING = 50_000;
const PRUNE_INTERVAL_MS = 60_000;

export interface MessageDeliveryOptions extends TaskContext {
  readonly store: Pick<Store, 'waitingMessages' | 'messageDelivered' | 'pruneMessages'>;
  readonly send: (id: string, body: string) => Promise<void>;
  readonly onOutcome: (outcome: DeliveryOutcome, type: ChannelMessage | undefined) => void;
}

/**
 * Delivers messages about channels: at least once, and those of a channel one after the other. It is separate from the
 * delivery of alerts, which therefore never wait for it.
 */
export class MessageDelivery implements Task {
  readonly name = 'webhook-messages';
  readonly everyMs = 1_000;
  readonly #options: MessageDeliveryOptions;
  /** By channel: failures of its oldest message, and the time of its next attempt on the monotonic clock. */
  #retries = new Map<string, { readonly failures: number; readonly at: number }>();
  /** Consecutive runs in which nothing was accepted, and when the next one may be. */
  #outage = { runs: 0, until: -Infinity };
  #prunedAt = -Infinity;

  constructor(options: MessageDeliveryOptions) {
    this.#options = options;
  }

  async run(): Promise<boolean> {
    const { store, clock, random } = this.#options;
    await this.#prune();
    const now = clock.monotonic();
    if (now < this.#outage.until) return false;
    const waiting = await store.waitingMessages(MAX_MESSAGES_PER_RUN + this.#retries.size);
    const names = new Set(waiting.map(keyText));
    this.#retries = new Map([...this.#retries].filter(([name]) => names.has(name)));
    const failures = (message: OutboxMessage): number => this.#retries.get(keyText(message))?.failures ?? 0;
    const due = waiting
      .filter((message) => (this.#retries.get(keyText(message))?.at ?? now) <= now)
      .toSorted((one, other) => failures(one) - failures(other));
    const most = this.#outage.runs > 0 ? 1 : MAX_CONCURRENT_REQUESTS;
    const outcomes = await Promise.allSettled(due.slice(0, most).map((message) => this.#deliver(message)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    if (outcomes.length === 0) return false;
    const accepted = outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value);
    // Their failures were the receiver's, and not those of single messages.
    if (accepted && this.#outage.runs >= OUTAGE_RUNS) this.#retries.clear();
    const runs = accepted ? 0 : this.#outage.runs + 1;
    this.#outage = {
      runs,
      until: accepted ? -Infinity : clock.monotonic() + backoffDelay(OUTAGE_BACKOFF, runs, random),
    };
    // A channel may have another message, which waited for the first one.
    return accepted;
  }

  /** Returns whether the receiver accepted it. Rejects only if that cannot be written to the database. */
  async #deliver(message: OutboxMessage): Promise<boolean> {
    const { store, clock, send, onOutcome, logger, random } = this.#options;
    const { id, type, namespace, channelId } = message;
    const name = keyText(message);
    try {
      await send(messageId(message), messageBody(message));
    } catch (error) {
      const failures = (this.#retries.get(name)?.failures ?? 0) + 1;
      const at = clock.monotonic() + backoffDelay(RETRY_BACKOFF, failures, random);
      this.#retries.set(name, { failures, at });
      onOutcome('failed', type);
      const fields = { namespace, channel: channelId, type, failures, error: errorSummary(error) };
      logger.warn(fields, 'webhook delivery failed');
      return false;
    }
    this.#retries.delete(name);
    onOutcome('delivered', type);
    await store.messageDelivered(id);
    return true;
  }

  async #prune(): Promise<void> {
    const { store, clock, onOutcome, logger } = this.#options;
    if (clock.monotonic() - this.#prunedAt < PRUNE_INTERVAL_MS) return;
    const before = new Date(clock.now().getTime() - WEBHOOK_ABANDON_MS);
    const count = await store.pruneMessages(before, MAX_WAITING);
    this.#prunedAt = clock.monotonic();
    if (count === 0) return;
    logger.error({ count }, 'webhook messages were abandoned: the receiver did not accept them');
    for (let each = 0; each < count; each++) onOutcome('abandoned', undefined);
  }
}

/** Id of the message, the same in all attempts and under all leaders. */
export const messageId = ({ id, type }: Pick<OutboxMessage, 'id' | 'type'>): string =>
  `livechannel-${type}-${id}`;

/** JSON body in the shape that Standard Webhooks recommends; `data` is JSON already. */
export function messageBody({ type, createdAt, data }: OutboxMessage): string {
  const head = { type: webhookType(type), timestamp: createdAt.toISOString() };
  return `${JSON.stringify(head).slice(0, -1)},"data":${data}}`;
}
