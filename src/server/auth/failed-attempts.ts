import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { ApiProblem } from '../problems.ts';
import { clientNetwork } from './client-network.ts';
import { isRefusal } from './refusal.ts';

/** Wrong credentials of one claimed identity, from one network, within a window. */
const MAX_FAILURES = 30;
/** Wrong credentials of identities that were never accepted, from one network, within a window. */
const MAX_OF_NETWORK = 300;
const WINDOW_MS = 60_000;
/** Checks under way: of identities that were never accepted, from one network; and in all. */
const MAX_UNDER_WAY_OF_NETWORK = 16;
const MAX_UNDER_WAY = 64;
/** Wait for a check that was not begun. */
const UNDER_WAY_RETRY_SECONDS = 1;
/** How long an accepted identity counts as known. Its tokens are renewed within that time. */
const KNOWN_MS = 3_600_000;
const MAX_REMEMBERED = 10_000;
const MAX_IDENTITY = 256;

/** Whose credentials are checked. */
export interface Claimed {
  readonly address: string | undefined;
  /** Whom the credentials claim to be of, which is not verified: the id of a key, the subject of a token. */
  readonly identity: string | undefined;
}

/** Attempts in a window. One that is under way counts until it is known not to be wrong. */
interface Window {
  readonly until: number;
  attempts: number;
}

/**
 * Limits wrong credentials, each of which costs a question to the database or the API server. Attempts are counted before
 * they are checked, by client network and by whom they claim to be of: behind a proxy, where all clients have one address,
 * the wrong credentials of one do not lock out another, and never one that was accepted before.
 */
export class FailedAttempts {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #windows = new BoundedMap<string, Window>(2 * MAX_REMEMBERED);
  /** Identities that were accepted, and until when they count as known. */
  readonly #known = new BoundedMap<string, number>(MAX_REMEMBERED);
  readonly #underWay = new Map<string, number>();
  #allUnderWay = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Checks credentials, unless there were too many wrong ones. `isWrong` says whether an error means that.
   * @throws ApiProblem too-many-requests, and what `check` throws
   */
  async check<T>(
    { address, identity = '' }: Claimed,
    check: () => Promise<T>,
    isWrong: (error: unknown) => boolean = isRefusal,
  ): Promise<T> {
    const who = identity.slice(0, MAX_IDENTITY);
    const network = clientNetwork(address);
    const isKnown = (this.#known.get(who) ?? -Infinity) > this.#clock.monotonic();
    const windows = [
      this.#window(`${network} ${who}`, MAX_FAILURES),
      ...(isKnown ? [] : [this.#window(network, MAX_OF_NETWORK)]),
    ];
    this.#begin(network, isKnown);
    for (const window of windows) window.attempts += 1;
    let wrong = false;
    try {
      const result = await check();
      if (who !== '') this.#known.set(who, this.#clock.monotonic() + KNOWN_MS);
      return result;
    } catch (error) {
      wrong = isWrong(error);
      throw error;
    } finally {
      if (!wrong) for (const window of windows) window.attempts -= 1;
      this.#end(network, isKnown);
    }
  }

  /** The current window; it has room. @throws ApiProblem too-many-requests */
  #window(name: string, most: number): Window {
    const now = this.#clock.monotonic();
    const found = this.#windows.get(name);
    const window = found !== undefined && found.until > now ? found : { until: now + WINDOW_MS, attempts: 0 };
    this.#windows.set(name, window);
    if (window.attempts < most) return window;
    throw new ApiProblem('too-many-requests', `${most} attempts with wrong credentials within a minute.`, {
      retryAfterSeconds: (window.until - now) / 1_000,
    });
  }

  /** @throws ApiProblem too-many-requests */
  #begin(network: string, isKnown: boolean): void {
    const underWay = this.#underWay.get(network) ?? 0;
    if (this.#allUnderWay >= MAX_UNDER_WAY || (!isKnown && underWay >= MAX_UNDER_WAY_OF_NETWORK))
      throw new ApiProblem('too-many-requests', 'Too many credentials are being checked.', {
        retryAfterSeconds: UNDER_WAY_RETRY_SECONDS,
      });
    this.#allUnderWay += 1;
    if (!isKnown) this.#underWay.set(network, underWay + 1);
  }

  #end(network: string, isKnown: boolean): void {
    this.#allUnderWay -= 1;
    if (isKnown) return;
    const left = (this.#underWay.get(network) ?? 1) - 1;
    if (left > 0) this.#underWay.set(network, left);
    else this.#underWay.delete(network);
  }
}
