import { whenAborted } from '../base/abort.ts';
import type { BackoffPolicy } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { ReconcileTimeoutError, TerminalError } from './errors.ts';
import type { Logger } from '../base/logger.ts';
import { keyOf, refOf, type ObjectRef } from './resource.ts';
import type { Watch } from './watches.ts';
import { LOW_PRIORITY, WorkQueue, type AddOptions, type WorkQueueObserver } from './workqueue.ts';

/** What a reconcile function receives besides the request. */
export interface ReconcileContext {
  /** Aborts at the reconcile's time limit, when leadership is lost, and when the program must end at once. */
  readonly signal: AbortSignal;
  /** Has the names of the controller and the object, and a `reconcileID` that all lines of one reconcile share. */
  readonly logger: Logger;
  /** Number of consecutive failures of this request so far. */
  readonly failures: number;
}

/** `requeueAfterMs`: reconcile again after this time, unless a change triggers it earlier. */
export interface ReconcileResult {
  readonly requeueAfterMs?: number | undefined;
}

/**
 * Brings the observed state closer to the state that the object of that name desires. The function receives the
 * object's name, not the event that triggered it: it reads the present state, and must be safe to run at any time and
 * any number of times. Two calls for one object never overlap.
 * - Returns: done; with `requeueAfterMs`, it is called again after that time.
 * - Throws: it is called again after a back-off that grows with each consecutive failure.
 * - Throws a TerminalError: it is not called again until something that is watched changes.
 */
export type Reconcile = (
  request: ObjectRef,
  context: ReconcileContext,
) => Promise<ReconcileResult | undefined> | Promise<void>;

export interface ControllerOptions {
  /** For logs and metrics; unique in the manager. */
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly watches: readonly Watch[];
  /** How many objects are reconciled concurrently. Default 1. */
  readonly workers?: number | undefined;
  /** Time limit of one reconcile. Default 60 s. */
  readonly reconcileTimeoutMs?: number | undefined;
  /** Delays between failures of one object. Default 5 ms, doubling to 5 min. */
  readonly backoff?: BackoffPolicy | undefined;
  /** Every object of the watched kinds is reconciled again at this interval, at low priority. Default: never. */
  readonly resyncMs?: number | undefined;
}

/** How a reconcile ended. `panic`: with an error that only a programming error can cause. */
export type Outcome = 'success' | 'requeue_after' | 'error' | 'terminal' | 'timeout' | 'panic';

export interface ControllerObserver extends WorkQueueObserver {
  reconciled(outcome: Outcome, seconds: number): void;
}

export interface ControllerContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer?: ControllerObserver | undefined;
}

/** A queue of objects to reconcile, and the workers that reconcile them. */
export class Controller {
  readonly name: string;
  readonly workers: number;
  readonly queue: WorkQueue;
  readonly #options: ControllerOptions;
  readonly #context: ControllerContext;
  readonly #logger: Logger;
  #active = 0;
  #alive = 0;

  constructor(options: ControllerOptions, context: ControllerContext) {
    this.name = options.name;
    this.workers = options.workers ?? 1;
    this.#options = options;
    this.#context = context;
    this.#logger = context.logger.child({ controller: options.name });
    const { clock, random, observer } = context;
    this.queue = new WorkQueue({ clock, random, backoff: options.backoff, observer });
    for (const watch of options.watches)
      watch.attach((ref, priority) => {
        this.queue.add(keyOf(ref), { priority });
      });
  }

  /** Number of workers that run a reconcile now. */
  get activeWorkers(): number {
    return this.#active;
  }

  /** False if some workers, but not all, have ended. */
  get healthy(): boolean {
    return this.#alive === 0 || this.#alive === this.workers;
  }

  get hasSynced(): boolean {
    return this.#options.watches.every((watch) => watch.hasSynced());
  }

  /** Requests a reconcile of an object for a cause that no watch reports. */
  enqueue(ref: ObjectRef, options: AddOptions = {}): void {
    this.queue.add(keyOf(ref), options);
  }

  /**
   * Runs until `stop` aborts, then waits for the running reconciles to finish; `kill` aborts those too.
   * Workers start when every watched store has synced.
   */
  async run(stop: AbortSignal, kill: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const stopped = whenAborted(stop);
    await Promise.race([stopped, Promise.all(this.#options.watches.map((watch) => watch.synced()))]);
    if (stop.aborted) {
      this.queue.shutDown();
      return;
    }
    this.#logger.info({ workers: this.workers, queued: this.queue.depth }, 'controller started');
    const work = Array.from({ length: this.workers }, () => this.#work(kill));
    const resync = this.#resync(clock, stop);
    await stopped;
    this.queue.shutDown();
    await Promise.all([...work, resync]);
    this.#logger.info({}, 'controller stopped');
  }

  async #work(kill: AbortSignal): Promise<void> {
    this.#alive += 1;
    try {
      for (let key = await this.queue.get(); key !== undefined; key = await this.queue.get()) {
        this.#active += 1;
        try {
          await this.#handle(key, kill);
        } finally {
          this.#active -= 1;
          this.queue.done(key);
        }
      }
    } finally {
      this.#alive -= 1;
    }
  }

  async #handle(key: string, kill: AbortSignal): Promise<void> {
    const { clock, observer } = this.#context;
    const ref = refOf(key);
    const reconcileID = this.#reconcileId();
    const logger = this.#logger.child({ namespace: ref.namespace, name: ref.name, reconcileID });
    const failures = this.queue.failures(key);
    const start = clock.monotonic();
    let outcome: Outcome;
    try {
      const result = await this.#call(ref, { logger, failures }, kill);
      this.queue.forget(key);
      const afterMs = result?.requeueAfterMs;
      // A request of low priority, e.g. from a resync, keeps its priority when it is requeued.
      if (afterMs !== undefined) this.queue.add(key, { afterMs, priority: this.queue.priorityOf(key) });
      outcome = afterMs === undefined ? 'success' : 'requeue_after';
    } catch (error) {
      outcome = outcomeOf(error);
      if (kill.aborted) logger.info({ err: error }, 'reconcile aborted');
      else if (outcome === 'terminal') {
        // Only a change can help: the next change of a watched object adds the request again.
        this.queue.forget(key);
        logger.error({ err: error }, 'reconcile failed; not retried until a watched object changes');
      } else {
        this.queue.addRateLimited(key, { priority: this.queue.priorityOf(key) });
        logger.error({ err: error, outcome, failures: failures + 1 }, 'reconcile failed; trying again');
      }
    }
    observer?.reconciled(outcome, (clock.monotonic() - start) / 1000);
  }

  /**
   * Calls the reconcile function with its time limit. A function that ignores its signal keeps its worker and its key:
   * releasing them would run two reconciles for the same object.
   */
  async #call(
    ref: ObjectRef,
    context: Pick<ReconcileContext, 'logger' | 'failures'>,
    kill: AbortSignal,
  ): Promise<ReconcileResult | undefined> {
    const { clock } = this.#context;
    const limitMs = this.#options.reconcileTimeoutMs ?? 60_000;
    const controller = new AbortController();
    const forward = (): void => {
      controller.abort(kill.reason);
    };
    const cancel = clock.schedule(limitMs, () => {
      controller.abort(
        new ReconcileTimeoutError(`reconcile of ${keyOf(ref)} took longer than ${limitMs} ms`),
      );
    });
    if (kill.aborted) forward();
    kill.addEventListener('abort', forward, { once: true });
    try {
      return (await this.#options.reconcile(ref, { ...context, signal: controller.signal })) ?? undefined;
    } catch (error) {
      // An error after the time limit is a consequence of the limit, whatever its type.
      throw controller.signal.reason instanceof ReconcileTimeoutError ? controller.signal.reason : error;
    } finally {
      cancel();
      kill.removeEventListener('abort', forward);
    }
  }

  /** 64 random bits: unique enough to find the lines of one reconcile in a log. */
  #reconcileId(): string {
    const word = (): string =>
      Math.floor(this.#context.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return word() + word();
  }

  async #resync(clock: Clock, stop: AbortSignal): Promise<void> {
    const { resyncMs } = this.#options;
    if (resyncMs === undefined) return;
    for (;;) {
      await clock.sleep(resyncMs, stop);
      if (stop.aborted) return;
      for (const watch of this.#options.watches)
        for (const ref of watch.all()) this.queue.add(keyOf(ref), { priority: LOW_PRIORITY });
    }
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof TerminalError) return 'terminal';
  if (error instanceof ReconcileTimeoutError) return 'timeout';
  if (!(error instanceof Error)) return 'panic';
  const fault = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return fault && error.cause === undefined ? 'panic' : 'error'; // fetch wraps network errors in a TypeError
}
