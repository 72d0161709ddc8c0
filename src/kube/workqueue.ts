import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { Heap } from './heap.ts';

/** Receives what a queue reports for metrics. */
export interface WorkQueueObserver {
  added(): void;
  retried(): void;
  /** How long a key waited after it was due. */
  waited(seconds: number): void;
  /** How long a key was processed. */
  worked(seconds: number): void;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Delays between failures of one key. Default 5 ms, doubling to 5 min. */
  readonly backoff?: BackoffPolicy | undefined;
  readonly observer?: WorkQueueObserver | undefined;
}

export interface AddOptions {
  /** Higher goes first; keys of equal priority go in the order of arrival. Default 0. */
  readonly priority?: number | undefined;
  /** Delay before the key is due. Default 0. */
  readonly afterMs?: number | undefined;
}

/** For the first list and for resyncs, so that present changes do not wait behind them. */
export const LOW_PRIORITY = -100;

const DEFAULT_BACKOFF: BackoffPolicy = { initialMs: 5, maxMs: 300_000, factor: 2, jitter: 0.1 };

/** The longest delay of a timer. A longer one would expire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

interface Entry {
  readonly key: string;
  readonly priority: number;
  /** On the monotonic clock, in milliseconds. */
  readonly dueAt: number;
  readonly order: number;
}

interface Work {
  readonly startedAt: number;
  readonly priority: number;
}

/**
 * A queue of keys to process. A key is queued once, however often it is added: the highest priority and the earliest
 * time apply. A key that a worker processes is never returned to a second worker; if it is added in the meantime, it
 * is returned again after `done`.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #options: WorkQueueOptions;
  /** The valid entry of each key. The heaps may have obsolete entries, which are skipped. */
  readonly #wanted = new Map<string, Entry>();
  readonly #ready = new Heap<Entry>(
    (a, b) => a.priority > b.priority || (a.priority === b.priority && a.order < b.order),
  );
  readonly #later = new Heap<Entry>(
    (a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order),
  );
  readonly #working = new Map<string, Work>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #order = 0;
  #closed = false;
  #alarm: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#options = options;
  }

  /** Number of keys that are due and not being processed. */
  get depth(): number {
    const now = this.#clock.monotonic();
    let count = 0;
    for (const { key, dueAt } of this.#wanted.values())
      if (dueAt <= now && !this.#working.has(key)) count += 1;
    return count;
  }

  /** Number of entries in the heaps, including obsolete ones. */
  get size(): number {
    return this.#ready.size + this.#later.size;
  }

  /** How long each key in process has been processed so far, in seconds. */
  workingSeconds(): number[] {
    const now = this.#clock.monotonic();
    return [...this.#working.values()].map(({ startedAt }) => (now - startedAt) / 1000);
  }

  /**
   * Queues a key. After shutDown, it does nothing.
   * @throws RangeError if the delay is not a finite number: a timer would take it for none, and the key for a busy loop
   */
  add(key: string, options: AddOptions = {}): void {
    const { afterMs = 0 } = options;
    if (!Number.isFinite(afterMs)) throw new RangeError(`the delay of ${key} is ${afterMs} ms`);
    if (this.#closed) return;
    this.#options.observer?.added();
    const now = this.#clock.monotonic();
    const old = this.#wanted.get(key);
    const dueAt = Math.min(now + Math.min(Math.max(afterMs, 0), MAX_DELAY_MS), old?.dueAt ?? Infinity);
    const priority = Math.max(options.priority ?? 0, old?.priority ?? -Infinity);
    if (old?.dueAt === dueAt && old.priority === priority) return;
    // A key whose priority rises goes behind its equals; a key that only becomes due earlier keeps its place.
    const order = old?.priority === priority ? old.order : this.#order++;
    this.#want({ key, priority, dueAt, order }, now);
  }

  /** Adds the key after its back-off, which grows with each call until `forget`. */
  addRateLimited(key: string, options: Pick<AddOptions, 'priority'> = {}): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#options.observer?.retried();
    const afterMs = backoffDelay(this.#options.backoff ?? DEFAULT_BACKOFF, failures, this.#options.random);
    this.add(key, { ...options, afterMs });
  }

  /** Number of calls of addRateLimited for the key since the last `forget`. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Resets the key's back-off. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Resolves to the next key that is due; to undefined after shutDown. Call `done` when it has been processed. */
  get(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#serve();
    });
  }

  /** The priority with which a key in process was returned; 0 for other keys. */
  priorityOf(key: string): number {
    return this.#working.get(key)?.priority ?? 0;
  }

  /** Ends the processing of a key. If it was added in the meantime, it is queued. */
  done(key: string): void {
    const work = this.#working.get(key);
    if (work === undefined) return;
    const now = this.#clock.monotonic();
    this.#working.delete(key);
    this.#options.observer?.worked((now - work.startedAt) / 1000);
    const again = this.#wanted.get(key);
    if (again !== undefined) this.#want(again, now);
  }

  /** Drops all queued keys and accepts no more. Keys in process are not affected. */
  shutDown(): void {
    this.#closed = true;
    this.#wanted.clear();
    this.#alarm?.cancel();
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
  }

  /** Puts the entry into its heap. The entry of a key in process waits for `done`. */
  #want(entry: Entry, now: number): void {
    this.#wanted.set(entry.key, entry);
    if (this.#working.has(entry.key)) return;
    (entry.dueAt <= now ? this.#ready : this.#later).push(entry);
    this.#later.prune(2 * this.#wanted.size + 64, (each) => this.#counts(each));
    this.#serve();
  }

  #serve(): void {
    if (this.#closed) {
      for (const resolve of this.#takers.splice(0)) resolve(undefined);
      return;
    }
    const now = this.#clock.monotonic();
    for (let entry = this.#later.peek(); entry !== undefined; entry = this.#later.peek()) {
      if (this.#counts(entry) && entry.dueAt > now) break;
      this.#later.pop();
      if (this.#counts(entry)) this.#ready.push(entry);
    }
    while (this.#takers.length > 0) {
      const entry = this.#ready.pop();
      if (entry === undefined) break;
      if (this.#counts(entry)) this.#hand(entry, now);
    }
    this.#setAlarm(now);
  }

  /** Whether an entry of a heap is the valid entry of its key. */
  #counts(entry: Entry): boolean {
    return this.#wanted.get(entry.key) === entry && !this.#working.has(entry.key);
  }

  #hand(entry: Entry, now: number): void {
    const take = this.#takers.shift();
    if (take === undefined) return;
    this.#wanted.delete(entry.key);
    this.#working.set(entry.key, { startedAt: now, priority: entry.priority });
    this.#options.observer?.waited((now - entry.dueAt) / 1000);
    take(entry.key);
  }

  #setAlarm(now: number): void {
    const next = this.#later.peek()?.dueAt;
    if (next === this.#alarm?.at) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (next === undefined) return;
    const cancel = this.#clock.schedule(next - now, () => {
      this.#alarm = undefined;
      this.#serve();
    });
    this.#alarm = { at: next, cancel };
  }
}
