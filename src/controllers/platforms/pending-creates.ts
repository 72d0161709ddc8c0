import type { Clock } from '../../base/clock.ts';

/**
 * Remembers for each attempt to create a stream whether the call may have taken effect: its response can be lost, and
 * the platform's lists can be behind. A second call before the first one shows would create a second stream.
 *
 * An attempt that this process did not start may have been called by its predecessor, up to the moment of its end.
 */
export class PendingCreates {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Recorded by this process, and certainly not called yet. */
  readonly #fresh = new Set<string>();
  /** When the last call may have taken effect, in monotonic milliseconds. */
  readonly #uncertain = new Map<string, number>();
  /** What was known before the present call. */
  readonly #before = new Map<string, 'fresh' | number | undefined>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** The attempt was recorded by this process, for the first time. */
  recorded(attempt: string): void {
    this.#fresh.add(attempt);
  }

  /** Certainly not called yet. */
  isFresh(attempt: string): boolean {
    return this.#fresh.has(attempt);
  }

  /** The call is sent now: until its response arrives, its effect is uncertain. */
  sent(attempt: string): void {
    this.#before.set(attempt, this.#fresh.delete(attempt) ? 'fresh' : this.#uncertain.get(attempt));
    this.#uncertain.set(attempt, this.#clock.monotonic());
  }

  /** No response came: it may have taken effect at any time up to now. */
  unanswered(attempt: string): void {
    this.#uncertain.set(attempt, this.#clock.monotonic());
  }

  /** The platform refused: this call had no effect. An earlier one is as uncertain as before. */
  refused(attempt: string): void {
    const before = this.#before.get(attempt);
    if (before === 'fresh') {
      this.#uncertain.delete(attempt);
      this.#fresh.add(attempt);
    } else if (before !== undefined) this.#uncertain.set(attempt, before);
  }

  /** The attempt succeeded, or was dropped. */
  forget(attempt: string): void {
    this.#uncertain.delete(attempt);
    this.#before.delete(attempt);
    this.#fresh.delete(attempt);
  }

  /** Milliseconds until a stream that may have been created would show in a list. 0: it would by now. */
  unsettledMs(attempt: string, settleSeconds: number): number {
    if (this.#fresh.has(attempt)) return 0;
    const now = this.#clock.monotonic();
    const since = this.#uncertain.get(attempt);
    if (since === undefined) this.#uncertain.set(attempt, now);
    return Math.max(0, (since ?? now) + settleSeconds * 1_000 - now);
  }
}
