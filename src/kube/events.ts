import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { KubeClient } from './client.ts';
import type { Clock } from '../base/clock.ts';
import { toKubeTime } from '../base/kube-time.ts';
import { eventType, type Event } from './core-types.ts';
import { isNotFound, KubeError } from './errors.ts';
import { EventCorrelator, type Correlated } from './event-correlator.ts';
import type { Logger } from '../base/logger.ts';
import type { Draft, KubeObject } from './resource.ts';

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patchMerge'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** The reporter of the events: "From" in `kubectl describe`. */
  readonly component: string;
  /** Which instance of the component, e.g. the pod's name. */
  readonly instance?: string | undefined;
}

const MAX_QUEUED = 1_000;
/** In characters. The API limits the `note` of an event in events.k8s.io, which is the same field, to 1 kB. */
const MAX_MESSAGE_LENGTH = 1_024;
const MAX_ATTEMPTS = 4;
const SEND_BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 10_000, factor: 4, jitter: 0.5 };

interface Waiting {
  readonly draft: Draft<Event>;
  readonly correlated: Correlated;
}

/**
 * Reports what happened to an object as core/v1 Events, which `kubectl describe` and `kubectl get events` show with age
 * and count. Events are for people: they are limited in number, sent in the background, and dropped if the server does
 * not accept them.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator = new EventCorrelator();
  readonly #waiting: Waiting[] = [];
  readonly #stop = new AbortController();
  #sending: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Returns at once and never throws. `reason` is one CamelCase word for what happened. */
  event(object: KubeObject, type: Event['type'], reason: string, message: string): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.clock.now();
    const about = object.metadata.uid;
    const correlated = this.#correlator.correlate({ about, type, reason, message }, now.getTime());
    if (correlated === undefined) return;
    if (this.#waiting.length >= MAX_QUEUED) {
      this.#options.logger.warn(
        { reason, name: object.metadata.name },
        'event queue is full; the event is dropped',
      );
      return;
    }
    this.#waiting.push({ correlated, draft: this.#draft(object, type, reason, correlated, now) });
    this.#sending ??= this.#send();
  }

  /** Sends the queued events, then accepts no more. Events that are not sent when `signal` aborts are dropped. */
  async stop(signal: AbortSignal): Promise<void> {
    const abort = (): void => {
      this.#stop.abort();
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    await this.#sending;
    signal.removeEventListener('abort', abort);
    abort();
  }

  #draft(
    object: KubeObject,
    type: Event['type'],
    reason: string,
    event: Correlated,
    now: Date,
  ): Draft<Event> {
    const { component, instance } = this.#options;
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const { apiVersion, kind } = object;
    return {
      // Events about cluster-scoped objects live in "default".
      metadata: { namespace: namespace ?? 'default', name: `${name.slice(0, 220)}.${event.id}` },
      involvedObject: { apiVersion, kind, namespace, name, uid, resourceVersion },
      type,
      reason,
      message:
        event.message.length > MAX_MESSAGE_LENGTH
          ? `${event.message.slice(0, MAX_MESSAGE_LENGTH - 1)}…`
          : event.message,
      count: event.count,
      firstTimestamp: toKubeTime(new Date(event.firstSeen)),
      lastTimestamp: toKubeTime(now),
      source: { component, host: instance },
      reportingComponent: component,
      reportingInstance: instance ?? '',
    };
  }

  async #send(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      await this.#deliver(next);
    this.#sending = undefined;
  }

  async #deliver(waiting: Waiting): Promise<void> {
    const { clock, random, logger } = this.#options;
    const { signal } = this.#stop;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#write(waiting, signal);
        return;
      } catch (error) {
        const again =
          error instanceof KubeError && error.retryable && tries < MAX_ATTEMPTS && !signal.aborted;
        if (!again) {
          // Expected in a namespace that is being deleted.
          logger.debug({ err: error, reason: waiting.draft.reason }, 'event not recorded');
          return;
        }
        await clock.sleep(backoffDelay(SEND_BACKOFF, tries, random), signal);
      }
    }
  }

  async #write({ draft, correlated }: Waiting, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    if (!correlated.first) {
      const { count, lastTimestamp, message } = draft;
      try {
        await client.patchMerge(eventType, draft.metadata, { count, lastTimestamp, message }, { signal });
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error; // The server deletes events after an hour by default.
      }
    }
    await client.create(eventType, draft, { signal });
  }
}
