import type { Clock } from '../../base/clock.ts';

/**
 * Remembers of each wish to create a stream whether the call may have been made: its answer can be lost, and the
 * platform's lists can be behind. A second create before the first would show makes a second stream.
 *
 * What this process has not begun itself may have been asked for by the one before, up to the moment of its end.
 */
export class PendingCreates {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Recorded by this process, and surely not made yet. */
  readonly #fresh = new Set<string>();
  /** When, in monotonic milliseconds, a call may have been made last. */
  readonly #uncertain = new Map<string, number>();
  /** What was known before the call that is under way. */
  readonly #before = new Map<string, 'fresh' | number | undefined>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** The wish was recorded by this process, for the first time. */
  recorded(wish: string): void {
    this.#fresh.add(wish);
  }

  /** Surely nothing was asked for yet. */
  isFresh(wish: string): boolean {
    return this.#fresh.has(wish);
  }

  /** The call is made now: until its answer is here, nothing is sure. */
  sent(wish: string): void {
    this.#before.set(wish, this.#fresh.delete(wish) ? 'fresh' : this.#uncertain.get(wish));
    this.#uncertain.set(wish, this.#clock.monotonic());
  }

  /** No answer came: it may have had its effect at any time up to now. */
  unanswered(wish: string): void {
    this.#uncertain.set(wish, this.#clock.monotonic());
  }

  /** The platform refused: nothing was made by this call. An earlier one is as uncertain as it was. */
  refused(wish: string): void {
    const before = this.#before.get(wish);
    if (before === 'fresh') {
      this.#uncertain.delete(wish);
      this.#fresh.add(wish);
    } else if (before !== undefined) this.#uncertain.set(wish, before);
  }

  /** The wish came true, or is not held any more. */
  forget(wish: string): void {
    this.#uncertain.delete(wish);
    this.#before.delete(wish);
    this.#fresh.delete(wish);
  }

  /** How long to wait, in milliseconds, until what may have been made would show in a list. 0: it would by now. */
  unsettledMs(wish: string, settleSeconds: number): number {
    if (this.#fresh.has(wish)) return 0;
    const now = this.#clock.monotonic();
    const since = this.#uncertain.get(wish);
    if (since === undefined) this.#uncertain.set(wish, now);
    return Math.max(0, (since ?? now) + settleSeconds * 1_000 - now);
  }
}
