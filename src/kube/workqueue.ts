import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { Heap } from './heap.ts';

/** What a queue tells about itself. */
export interface WorkQueueObserver {
  added(): void;
  retried(): void;
  /** How long a key waited after it was due. */
  waited(seconds: number): void;
  /** How long a key was worked on. */
  worked(seconds: number): void;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Between failures of one key. Default 5 ms, doubling to 5 min. */
  readonly backoff?: BackoffPolicy | undefined;
  readonly observer?: WorkQueueObserver | undefined;
}

export interface AddOptions {
  /** Higher goes first; the same goes in the order of arrival. Default 0. */
  readonly priority?: number | undefined;
  readonly afterMs?: number | undefined;
}

/** For the first list and for resyncs, so that what happens now does not wait behind them. */
export const LOW_PRIORITY = -100;

const defaultBackoff: BackoffPolicy = { initialMs: 5, maxMs: 300_000, factor: 2, jitter: 0.1 };

interface Entry {
  readonly key: string;
  readonly priority: number;
  /** On the monotonic clock. */
  readonly dueAt: number;
  readonly order: number;
}

interface Work {
  readonly startedAt: number;
  readonly priority: number;
}

/**
 * Keys that want attention. A key is there once, however often it is added: the highest priority and the earliest
 * time count. A key that a worker has is never given to a second one; added meanwhile, it comes again after `done`.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #options: WorkQueueOptions;
  /** The one entry that counts for a key. Heaps may hold older ones, which are passed over. */
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

  /** Keys that are due now and that no worker has. */
  get depth(): number {
    const now = this.#clock.monotonic();
    let count = 0;
    for (const { key, dueAt } of this.#wanted.values())
      if (dueAt <= now && !this.#working.has(key)) count += 1;
    return count;
  }

  /** Entries held, those that no longer count included. */
  get size(): number {
    return this.#ready.size + this.#later.size;
  }

  /** For how long each key that a worker has has been worked on, in seconds. */
  workingSeconds(): number[] {
    const now = this.#clock.monotonic();
    return [...this.#working.values()].map(({ startedAt }) => (now - startedAt) / 1000);
  }

  add(key: string, options: AddOptions = {}): void {
    if (this.#closed) return;
    this.#options.observer?.added();
    const now = this.#clock.monotonic();
    const old = this.#wanted.get(key);
    const dueAt = Math.min(now + Math.max(options.afterMs ?? 0, 0), old?.dueAt ?? Infinity);
    const priority = Math.max(options.priority ?? 0, old?.priority ?? -Infinity);
    if (old?.dueAt === dueAt && old.priority === priority) return;
    // A higher priority goes behind its equals; a key that only became due earlier keeps its place.
    const order = old?.priority === priority ? old.order : this.#order++;
    this.#want({ key, priority, dueAt, order }, now);
  }

  /** Adds after the key's back-off, which grows until `forget`. The priority it was worked on with stays. */
  addRateLimited(key: string, options: Pick<AddOptions, 'priority'> = {}): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#options.observer?.retried();
    const afterMs = backoffDelay(this.#options.backoff ?? defaultBackoff, failures, this.#options.random);
    this.add(key, { ...options, afterMs });
  }

  /** How often in a row the key was added by addRateLimited. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; undefined after shutDown. Call `done` when the work is over. */
  get(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#serve();
    });
  }

  /** The priority that a key was taken with. */
  priorityOf(key: string): number {
    return this.#working.get(key)?.priority ?? 0;
  }

  done(key: string): void {
    const work = this.#working.get(key);
    if (work === undefined) return;
    const now = this.#clock.monotonic();
    this.#working.delete(key);
    this.#options.observer?.worked((now - work.startedAt) / 1000);
    const again = this.#wanted.get(key);
    if (again !== undefined) this.#want(again, now);
  }

  /** Nothing is taken any more; what is being worked on goes on. */
  shutDown(): void {
    this.#closed = true;
    this.#wanted.clear();
    this.#alarm?.cancel();
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
  }

  /** Puts the entry where it belongs; one whose key is being worked on waits for `done`. */
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

  /** Whether this entry of a heap is still the one for its key. */
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
