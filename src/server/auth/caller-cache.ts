import type { Clock } from '../../base/clock.ts';
import type { ApiProblem } from '../problems.ts';
import type { Caller } from '../service.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { isRefusal } from './refusal.ts';
import type { Accepted } from './verifier.ts';

interface Kept {
  readonly accepted: Accepted;
  /** Monotonic: until then nobody is asked. */
  readonly freshUntil: number;
  /** Monotonic: until then it is good where nobody answers. */
  readonly usableUntil: number;
}

export interface CacheTimes {
  /** So long a revoked token or right may still be honoured. */
  readonly acceptedMs: number;
  readonly refusedMs: number;
  /** The same while who could tell does not answer. */
  readonly withoutAnswerMs: number;
  /** Then nobody is asked again for so long. */
  readonly pauseMs: number;
}

export const cacheTimes: CacheTimes = {
  acceptedMs: 5_000,
  refusedMs: 10_000,
  withoutAnswerMs: 300_000,
  pauseMs: 2_000,
};

/** Longer than any verifier takes by itself. */
const ASK_MS = 10_000;

/**
 * Who the bearers of recent tokens were, by a token's fingerprint, so that neither the database nor the API server is
 * asked for each request. Requests with one token share one question. Wrong tokens have a cache of their own: however
 * many come, they push out no right one.
 */
export class CallerCache {
  readonly #clock: Clock;
  readonly #times: CacheTimes;
  readonly #accepted: BoundedMap<string, Kept>;
  readonly #refused: BoundedMap<string, { readonly problem: ApiProblem; readonly until: number }>;
  readonly #asking = new Map<string, Promise<Caller>>();

  constructor(
    clock: Clock,
    { times = cacheTimes, most = 10_000 }: { times?: CacheTimes; most?: number } = {},
  ) {
    this.#clock = clock;
    this.#times = times;
    this.#accepted = new BoundedMap(most);
    this.#refused = new BoundedMap(most);
  }

  /** Whose it was a moment ago: nobody need be asked. */
  recent(fingerprint: string): Caller | undefined {
    const kept = this.#unexpired(fingerprint);
    return kept !== undefined && this.#clock.monotonic() < kept.freshUntil ? kept.accepted.caller : undefined;
  }

  /** `known`: it was good a short while ago. */
  async callerOf(
    fingerprint: string,
    ask: (signal: AbortSignal, known: boolean) => Promise<Accepted>,
  ): Promise<Caller> {
    const recent = this.recent(fingerprint);
    if (recent !== undefined) return recent;
    const now = this.#clock.monotonic();
    const kept = this.#unexpired(fingerprint);
    const refused = this.#refused.get(fingerprint);
    if (refused !== undefined && now < refused.until) throw refused.problem;
    const usable = kept !== undefined && now < kept.usableUntil ? kept : undefined;
    const asking = this.#asking.get(fingerprint) ?? this.#ask(fingerprint, ask, usable);
    this.#asking.set(fingerprint, asking);
    return asking;
  }

  async #ask(
    fingerprint: string,
    ask: (signal: AbortSignal, known: boolean) => Promise<Accepted>,
    usable: Kept | undefined,
  ): Promise<Caller> {
    const { acceptedMs, refusedMs, withoutAnswerMs, pauseMs } = this.#times;
    try {
      const accepted = await ask(AbortSignal.timeout(ASK_MS), usable !== undefined);
      const now = this.#clock.monotonic();
      this.#accepted.set(fingerprint, {
        accepted,
        freshUntil: now + acceptedMs,
        usableUntil: now + withoutAnswerMs,
      });
      return accepted.caller;
    } catch (error) {
      const now = this.#clock.monotonic();
      if (isRefusal(error)) {
        this.#accepted.delete(fingerprint);
        this.#refused.set(fingerprint, { problem: error, until: now + refusedMs });
        throw error;
      }
      if (usable === undefined) throw error;
      this.#accepted.set(fingerprint, { ...usable, freshUntil: now + pauseMs });
      return usable.accepted.caller;
    } finally {
      this.#asking.delete(fingerprint);
    }
  }

  #unexpired(fingerprint: string): Kept | undefined {
    const kept = this.#accepted.get(fingerprint);
    const expiresAt = kept?.accepted.expiresAt;
    return expiresAt !== undefined && expiresAt <= this.#clock.now() ? undefined : kept;
  }
}
