import type { Clock } from '../../base/clock.ts';
import type { ApiProblem } from '../problems.ts';
import type { Caller } from '../service.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { isRefusal } from './refusal.ts';
import type { Accepted } from './verifier.ts';

interface Kept {
  readonly accepted: Accepted;
  /** Monotonic time until which the caller is returned without verification. */
  readonly freshUntil: number;
  /** Monotonic time until which the caller is returned if the verifier is unavailable. */
  readonly usableUntil: number;
}

/** Durations of the cache, in milliseconds. */
export interface CacheTimes {
  /** How long an accepted token is cached; a revoked token or permission is honored for at most this time. */
  readonly acceptedMs: number;
  /** How long a refused token is cached. */
  readonly refusedMs: number;
  /** How long an accepted token is honored while the verifier is unavailable. */
  readonly withoutAnswerMs: number;
  /** Pause between two verifications of a cached token while the verifier is unavailable. */
  readonly pauseMs: number;
}

export const cacheTimes: CacheTimes = {
  acceptedMs: 5_000,
  refusedMs: 10_000,
  withoutAnswerMs: 300_000,
  pauseMs: 2_000,
};

/** Timeout of a verification; longer than the timeouts of the verifiers themselves. */
const VERIFY_TIMEOUT_MS = 10_000;

/**
 * Caches the callers of recent tokens by fingerprint, so that requests do not each query the database or the API server.
 * Concurrent requests with the same token share one verification. Refused tokens have a separate cache, so that they
 * cannot evict accepted ones.
 */
export class CallerCache {
  readonly #clock: Clock;
  readonly #times: CacheTimes;
  readonly #accepted: BoundedMap<string, Kept>;
  readonly #refused: BoundedMap<string, { readonly problem: ApiProblem; readonly until: number }>;
  readonly #pending = new Map<string, Promise<Caller>>();

  constructor(
    clock: Clock,
    { times = cacheTimes, most = 10_000 }: { times?: CacheTimes; most?: number } = {},
  ) {
    this.#clock = clock;
    this.#times = times;
    this.#accepted = new BoundedMap(most);
    this.#refused = new BoundedMap(most);
  }

  /** The caller of a recently verified token, which needs no verification now; undefined: unknown or not recent. */
  recent(fingerprint: string): Caller | undefined {
    const kept = this.#unexpired(fingerprint);
    return kept !== undefined && this.#clock.monotonic() < kept.freshUntil ? kept.accepted.caller : undefined;
  }

  /** The caller of a token, verified with `verify` unless cached. `known`: the token was accepted a short time ago. */
  async callerOf(
    fingerprint: string,
    verify: (signal: AbortSignal, known: boolean) => Promise<Accepted>,
  ): Promise<Caller> {
    const recent = this.recent(fingerprint);
    if (recent !== undefined) return recent;
    const now = this.#clock.monotonic();
    const kept = this.#unexpired(fingerprint);
    const refused = this.#refused.get(fingerprint);
    if (refused !== undefined && now < refused.until) throw refused.problem;
    const usable = kept !== undefined && now < kept.usableUntil ? kept : undefined;
    const pending = this.#pending.get(fingerprint) ?? this.#verify(fingerprint, verify, usable);
    this.#pending.set(fingerprint, pending);
    return pending;
  }

  async #verify(
    fingerprint: string,
    verify: (signal: AbortSignal, known: boolean) => Promise<Accepted>,
    usable: Kept | undefined,
  ): Promise<Caller> {
    const { acceptedMs, refusedMs, withoutAnswerMs, pauseMs } = this.#times;
    try {
      const accepted = await verify(AbortSignal.timeout(VERIFY_TIMEOUT_MS), usable !== undefined);
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
      this.#pending.delete(fingerprint);
    }
  }

  #unexpired(fingerprint: string): Kept | undefined {
    const kept = this.#accepted.get(fingerprint);
    const expiresAt = kept?.accepted.expiresAt;
    return expiresAt !== undefined && expiresAt <= this.#clock.now() ? undefined : kept;
  }
}
