import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';

/** Bounds memory. */
const MAX_UNSURE = 10_000;

/**
 * Remembers for each attempt to create a stream whether a call may have taken effect. Its response can be lost, and the
 * platform's list can be out of date. Another call before the list shows the stream would create a second one.
 *
 * For an attempt that this process did not record, a previous process may have sent the call until it ended.
 */
export class PendingCreates {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Attempts that this process recorded, for which no call has been sent. */
  readonly #fresh = new Set<string>();
  /** Those of them that are the first of their channel ever, so that no stream can exist. */
  readonly #first = new Set<string>();
  /** Uids of channels whose records were lost: a stream that is not listed yet may exist. */
  readonly #unsure = new BoundedMap<string, true>(MAX_UNSURE);
  /** When the last call may have taken effect at the latest, in monotonic milliseconds. */
  readonly #uncertain = new Map<string, number>();
  /** The state of the attempt before the current call. */
  readonly #before = new Map<string, 'fresh' | number | undefined>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** The records of the channel were lost: none of its attempts counts as fresh. */
  recordsLost(channelUid: string): void {
    this.#unsure.set(channelUid, true);
  }

  /** This process recorded the attempt for the first time. `isFirst`: the channel had no finalizer before. */
  recorded(attempt: string, { uid, isFirst }: { readonly uid: string; readonly isFirst: boolean }): void {
    if (this.#unsure.has(uid)) return;
    this.#fresh.add(attempt);
    if (isFirst) this.#first.add(attempt);
  }

  /** Whether certainly no call has been sent, and the channel certainly has no stream yet. */
  isFirst(attempt: string): boolean {
    return this.#fresh.has(attempt) && this.#first.has(attempt);
  }

  /** Whether certainly no call has been sent. */
  isFresh(attempt: string): boolean {
    return this.#fresh.has(attempt);
  }

  /** A call is being sent. Its effect is uncertain until its response arrives. */
  sent(attempt: string): void {
    this.#before.set(attempt, this.#fresh.delete(attempt) ? 'fresh' : this.#uncertain.get(attempt));
    this.#uncertain.set(attempt, this.#clock.monotonic());
  }

  /** There was no response: the call may have taken effect at any time until now. */
  unanswered(attempt: string): void {
    this.#uncertain.set(attempt, this.#clock.monotonic());
  }

  /** The platform rejected the call, which had no effect. The effect of earlier calls is as uncertain as before. */
  refused(attempt: string): void {
    const before = this.#before.get(attempt);
    if (before === 'fresh') {
      this.#uncertain.delete(attempt);
      this.#fresh.add(attempt);
    } else if (before !== undefined) this.#uncertain.set(attempt, before);
  }

  /** The attempt succeeded or was abandoned. */
  forget(attempt: string): void {
    this.#uncertain.delete(attempt);
    this.#before.delete(attempt);
    this.#fresh.delete(attempt);
    this.#first.delete(attempt);
  }

  /** Milliseconds until a list shows a stream that may have been created; 0 if it would show it now. */
  unsettledMs(attempt: string, settleSeconds: number): number {
    if (this.#fresh.has(attempt)) return 0;
    const now = this.#clock.monotonic();
    const since = this.#uncertain.get(attempt);
    if (since === undefined) this.#uncertain.set(attempt, now);
    return Math.max(0, (since ?? now) + settleSeconds * 1_000 - now);
  }
}
