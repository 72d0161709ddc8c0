import ipaddr from 'ipaddr.js';
import type { Clock } from '../../base/clock.ts';
import { ApiProblem } from '../problems.ts';
import { BoundedMap } from '../../base/bounded-map.ts';

const MOST = 30;
const WINDOW_MS = 60_000;

/** Wrong credentials from one place: after 30 within a minute it waits for the minute's end before it may try more. */
export class FailedAttempts {
  readonly #clock: Clock;
  readonly #places = new BoundedMap<string, { failures: number; readonly until: number }>(10_000);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws Problem too-many-requests */
  admit(address: string | undefined): void {
    const seen = this.#seen(placeOf(address));
    if (seen === undefined || seen.failures < MOST) return;
    throw new ApiProblem('too-many-requests', `${MOST} attempts with wrong credentials within a minute.`, {
      retryAfterSeconds: (seen.until - this.#clock.monotonic()) / 1_000,
    });
  }

  failed(address: string | undefined): void {
    const place = placeOf(address);
    const seen = this.#seen(place);
    if (seen !== undefined) seen.failures += 1;
    else this.#places.set(place, { failures: 1, until: this.#clock.monotonic() + WINDOW_MS });
  }

  #seen(place: string): { failures: number; readonly until: number } | undefined {
    const seen = this.#places.get(place);
    return seen === undefined || seen.until <= this.#clock.monotonic() ? undefined : seen;
  }
}

/** One household has 2^64 addresses of IPv6: all of a /64 are one place. */
function placeOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return address ?? 'unknown';
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : parsed.toNormalizedString().split(':').slice(0, 4).join(':');
}
