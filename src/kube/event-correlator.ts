/** An event as its recorder reports it: what happened to which object. */
export interface EventInput {
  /** UID of the object. */
  readonly about: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/**
 * What to send to the server: if `first`, a new event; otherwise a higher `count` of the event with this id.
 * `firstSeen` is in milliseconds since the epoch.
 */
export interface Correlated {
  readonly id: string;
  readonly message: string;
  readonly count: number;
  readonly firstSeen: number;
  readonly first: boolean;
}

// The limits of client-go's event recorder.
const MAX_REMEMBERED = 4096;
const MAX_SIMILAR = 10;
const SIMILAR_WINDOW_MS = 600_000;
const BURST = 25;
/** One more event per object is allowed each time this has passed. */
const REFILL_INTERVAL_MS = 300_000;

/**
 * Limits the number of events. A repeated event only raises a count; more than ten events that differ only in their
 * message are combined into one; an object may emit 25 events, then one every five minutes.
 */
export class EventCorrelator {
  readonly #counted = new Recent<{ readonly id: string; readonly firstSeen: number; count: number }>(
    MAX_REMEMBERED,
  );
  readonly #similar = new Recent<{ since: number; readonly messages: Set<string> }>(MAX_REMEMBERED);
  readonly #budgets = new Recent<{ left: number; at: number }>(MAX_REMEMBERED);
  #order = 0;

  /** Returns what to send; undefined if the event must not be sent. `now` is in milliseconds since the epoch. */
  correlate(input: EventInput, now: number): Correlated | undefined {
    const group = [input.about, input.type, input.reason].join('\0');
    const combined = this.#isOneOfMany(group, input.message, now);
    const message = combined ? `(combined from similar events): ${input.message}` : input.message;
    if (!this.#afford(input.about, now)) return undefined;

    const key = combined ? group : `${group}\0${input.message}`;
    const known = this.#counted.get(key);
    if (known !== undefined) {
      known.count += 1;
      return { ...known, message, first: false };
    }
    const id = `${now.toString(16)}${(this.#order++ % 65_536).toString(16).padStart(4, '0')}`;
    const counted = { id, firstSeen: now, count: 1 };
    this.#counted.set(key, counted);
    return { ...counted, message, first: true };
  }

  #isOneOfMany(group: string, message: string, now: number): boolean {
    const known = this.#similar.get(group);
    if (known === undefined || now - known.since > SIMILAR_WINDOW_MS) {
      this.#similar.set(group, { since: now, messages: new Set([message]) });
      return false;
    }
    if (known.messages.size < MAX_SIMILAR) {
      known.messages.add(message);
      return false;
    }
    return !known.messages.has(message);
  }

  #afford(about: string, now: number): boolean {
    const known = this.#budgets.get(about) ?? { left: BURST, at: now };
    const left = Math.min(BURST, known.left + (now - known.at) / REFILL_INTERVAL_MS);
    this.#budgets.set(about, { left: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  }
}

/** A map of bounded size that evicts the least recently used entry. */
class Recent<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit)
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
  }
}
