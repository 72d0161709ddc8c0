/** What happened, to which object. */
export interface EventInput {
  /** uid of the object. */
  readonly about: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What to tell the server: `first` makes an event, otherwise the one with this id is counted up. */
export interface Correlated {
  readonly id: string;
  readonly message: string;
  readonly count: number;
  readonly firstSeen: number;
  readonly first: boolean;
}

/** The figures of client-go's recorder. */
const REMEMBERED = 4096;
const SIMILAR = 10;
const SIMILAR_WITHIN_MS = 600_000;
const BURST = 25;
const REFILL_MS = 300_000;

/**
 * Keeps events few: the same again only raises a count; more than ten that differ in nothing but their message become
 * one; and an object that goes on and on is cut off after 25, then heard once in five minutes.
 */
export class EventCorrelator {
  readonly #counted = new Recent<{ readonly id: string; readonly firstSeen: number; count: number }>(
    REMEMBERED,
  );
  readonly #similar = new Recent<{ since: number; readonly messages: Set<string> }>(REMEMBERED);
  readonly #budgets = new Recent<{ left: number; at: number }>(REMEMBERED);
  #order = 0;

  /** undefined: don't send it. `now` in milliseconds. */
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
    if (known === undefined || now - known.since > SIMILAR_WITHIN_MS) {
      this.#similar.set(group, { since: now, messages: new Set([message]) });
      return false;
    }
    if (known.messages.size < SIMILAR) {
      known.messages.add(message);
      return false;
    }
    return !known.messages.has(message);
  }

  #afford(about: string, now: number): boolean {
    const known = this.#budgets.get(about) ?? { left: BURST, at: now };
    const left = Math.min(BURST, known.left + (now - known.at) / REFILL_MS);
    this.#budgets.set(about, { left: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  }
}

/** A map that forgets what was longest unused. */
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
