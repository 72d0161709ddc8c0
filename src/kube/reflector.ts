import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { KubeClient } from './client.ts';
import type { Clock } from '../base/clock.ts';
import { decodeObject, metadataOf } from './decode.ts';
import { ApiError } from './errors.ts';
import type { Selection } from './list.ts';
import type { Logger } from '../base/logger.ts';
import { keyOf, type KubeObject, type ResourceType } from './resource.ts';
import { asRecord } from './status-answer.ts';
import { deepFreeze, Store, type Indexes, type Lister } from './store.ts';
import type { WatchEvent } from './watch-stream.ts';

/** A change of the store. */
export interface Change<T extends KubeObject> {
  readonly type: 'added' | 'updated' | 'deleted';
  /** The object's present state; for `deleted`, the last state that was observed. */
  readonly object: T;
  /** For `updated`: the previous state. */
  readonly previous?: T | undefined;
  /** Whether it is part of the first list, and so not a recent change. */
  readonly initial: boolean;
  /** For `deleted`: the deletion was not observed (the watch was down), so `object` may not be the final state. */
  readonly unseen?: boolean;
}

export interface ReflectorOptions<T extends KubeObject> extends Selection {
  readonly indexes?: Indexes<T> | undefined;
  /** Changes an object before it is stored, e.g. to drop unused fields. */
  readonly transform?: ((object: T) => T) | undefined;
  readonly pageSize?: number | undefined;
  /** The server ends a watch after this many seconds, up to doubled at random. Default 300. */
  readonly watchSeconds?: number | undefined;
  /** A watch on which nothing arrives for this time, not even a bookmark, is opened again. Default 180 s. */
  readonly inactivityMs?: number | undefined;
}

/** Receives what a reflector reports for metrics. */
export interface ReflectorObserver {
  listed(): void;
  watched(): void;
  failed(): void;
  size(objects: number): void;
}

export interface ReflectorContext {
  readonly client: Pick<KubeClient, 'pages' | 'watch'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer?: ReflectorObserver | undefined;
}

const FAILURE_BACKOFF: BackoffPolicy = { initialMs: 200, maxMs: 30_000, factor: 2, jitter: 0.5 };
/** How long a watch has to last for the count of failures to be reset. */
const HEALTHY_MS = 10_000;

/**
 * Keeps a store equal to the cluster: lists once, then watches, and continues after every failure. A watch that ends is
 * resumed where it stopped. Only if the server no longer has that history are the objects listed again; those that have
 * disappeared are then reported as deleted, even if another object has the same name now.
 */
export class Reflector<T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly #options: ReflectorOptions<T>;
  readonly #context: ReflectorContext;
  readonly #store: Store<T>;
  readonly #logger: Logger;
  readonly #subscribers = new Set<(change: Change<T>) => void>();
  readonly #synced = Promise.withResolvers<undefined>();
  #hasSynced = false;
  #started = false;
  /** Number of watch events so far. */
  #arrived = 0;
  /** Where to resume the watch; undefined: list first. */
  #resourceVersion: string | undefined;

  constructor(type: ResourceType<T>, options: ReflectorOptions<T>, context: ReflectorContext) {
    this.type = type;
    this.#options = options;
    this.#context = context;
    this.#store = new Store(options.indexes);
    this.#logger = context.logger.child({ kind: type.kind });
  }

  get store(): Lister<T> {
    return this.#store;
  }

  /** Whether the first list is in the store. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when the first list is in the store and all subscribers have been notified of it. */
  synced(): Promise<undefined> {
    return this.#synced.promise;
  }

  /**
   * Calls `subscriber` for every object in the store, then for every change. An error that it throws is logged and
   * otherwise ignored. The returned function ends the subscription.
   */
  subscribe(subscriber: (change: Change<T>) => void): () => void {
    this.#subscribers.add(subscriber);
    for (const object of this.#store.list())
      this.#notify(subscriber, { type: 'added', object, initial: true });
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }

  /** Runs until `signal` aborts; never throws because of the cluster. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#started) throw new Error(`the reflector of ${this.type.kind} is already running`);
    this.#started = true;
    const { clock, random, observer } = this.#context;
    const stopped = (): boolean => signal.aborted;
    let failures = 0;
    while (!stopped()) {
      const start = clock.monotonic();
      const lasted = (): number => clock.monotonic() - start;
      const arrived = this.#arrived;
      try {
        const resourceVersion = this.#resourceVersion ?? (await this.#list(signal));
        await this.#watch(resourceVersion, signal);
        // A watch that ends at once without an event counts as a failure, so that this loop does not spin.
        failures = this.#arrived > arrived || lasted() > 1000 ? 0 : failures + 1;
      } catch (error) {
        if (stopped()) break;
        failures = this.#arrived > arrived || lasted() > HEALTHY_MS ? 1 : failures + 1;
        observer?.failed();
        this.#judge(error, failures);
      }
      if (failures > 0) await clock.sleep(backoffDelay(FAILURE_BACKOFF, failures, random), signal);
    }
  }

  /** Decides whether to list again, and at which level the failure is logged. */
  #judge(error: unknown, failures: number): void {
    const expired =
      error instanceof ApiError && (error.isExpired || error.isNotFound || isFromTheFuture(error));
    if (expired) this.#resourceVersion = undefined;
    const fields = { err: error, failures, relist: this.#resourceVersion === undefined };
    // Servers close watches regularly; only repeated failures are worth a warning.
    if (failures >= 3) this.#logger.warn(fields, 'cannot list or watch; retrying');
    else this.#logger.debug(fields, 'watch interrupted; resuming');
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, observer } = this.#context;
    observer?.listed();
    let gone = new Set(this.#store.keys());
    let resourceVersion = '';
    for await (const page of client.pages(this.type, { ...this.#options, signal })) {
      signal.throwIfAborted();
      if (page.restart) gone = new Set(this.#store.keys());
      for (const raw of page.items) {
        const metadata = metadataOf(raw);
        if (metadata !== undefined) gone.delete(keyOf(metadata));
        this.#put(raw);
      }
      resourceVersion = page.resourceVersion;
    }
    for (const key of gone) this.#remove(key, true);
    this.#resourceVersion = resourceVersion;
    if (!this.#hasSynced) {
      this.#hasSynced = true;
      this.#logger.debug({ objects: this.#store.size }, 'store filled');
      this.#synced.resolve(undefined);
    }
    observer?.size(this.#store.size);
    return resourceVersion;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, random, observer } = this.#context;
    const { watchSeconds = 300, inactivityMs, namespace, labelSelector, fieldSelector } = this.#options;
    observer?.watched();
    const timeoutSeconds = Math.round(watchSeconds * (1 + random()));
    const selection = { namespace, labelSelector, fieldSelector };
    for await (const event of client.watch(this.type, {
      ...selection,
      resourceVersion,
      timeoutSeconds,
      inactivityMs,
      signal,
    })) {
      if (signal.aborted) break;
      this.#arrived += 1;
      this.#apply(event);
    }
  }

  #apply({ type, object }: WatchEvent): void {
    const version = resourceVersionOf(object);
    const metadata = metadataOf(object);
    if (type === 'DELETED') {
      if (metadata !== undefined) this.#remove(keyOf(metadata), false, object);
    } else if (type !== 'BOOKMARK') this.#put(object);
    if (version !== undefined) this.#resourceVersion = version;
    this.#context.observer?.size(this.#store.size);
  }

  #put(raw: unknown): void {
    const metadata = metadataOf(raw);
    if (metadata === undefined) return;
    const initial = !this.#hasSynced;
    const known = this.#store.get(metadata);
    // The same name with another UID is another object: the one that had the name is gone.
    if (known !== undefined && known.metadata.uid !== metadata.uid) this.#remove(keyOf(metadata), true);
    const previous = known?.metadata.uid === metadata.uid ? known : undefined;
    if (previous !== undefined && previous.metadata.resourceVersion === metadata.resourceVersion) return;
    const object = this.#decode(raw);
    if (object === undefined) this.#store.putUnreadable(metadata);
    else {
      this.#store.put(object);
      this.#notifyAll({ type: previous === undefined ? 'added' : 'updated', object, previous, initial });
    }
  }

  #remove(key: string, unseen: boolean, raw?: unknown): void {
    const previous = this.#store.remove(key);
    if (previous === undefined) return;
    const last = raw === undefined ? undefined : this.#decode(raw);
    this.#notifyAll({ type: 'deleted', object: last ?? previous, initial: false, unseen });
  }

  /** Returns undefined for an object that cannot be decoded, so that it does not hide the others. */
  #decode(raw: unknown): T | undefined {
    try {
      const object = decodeObject(this.type, raw);
      return deepFreeze(this.#options.transform?.(object) ?? object);
    } catch (error) {
      const metadata = metadataOf(raw);
      this.#logger.error(
        { err: error, name: metadata?.name, namespace: metadata?.namespace },
        'object cannot be decoded',
      );
      return undefined;
    }
  }

  #notifyAll(change: Change<T>): void {
    for (const subscriber of this.#subscribers) this.#notify(subscriber, change);
  }

  #notify(subscriber: (change: Change<T>) => void, change: Change<T>): void {
    try {
      subscriber(change);
    } catch (error) {
      this.#logger.error(
        { err: error, name: change.object.metadata.name },
        'a subscriber of the reflector threw',
      );
    }
  }
}

/** After etcd was restored from a backup, our resourceVersion is newer than the server's. */
function isFromTheFuture(error: ApiError): boolean {
  return error.reason === 'Timeout' && error.message.includes('Too large resource version');
}

/** Read on its own, because a bookmark has no name and no UID. */
function resourceVersionOf(raw: unknown): string | undefined {
  const { resourceVersion } = asRecord(asRecord(raw)['metadata']);
  return typeof resourceVersion === 'string' ? resourceVersion : undefined;
}
