import ipaddr from 'ipaddr.js';
import type { Clock } from '../../base/clock.ts';
import { ApiProblem } from '../problems.ts';
import { BoundedMap } from '../../base/bounded-map.ts';

const MAX_FAILURES = 30;
const WINDOW_MS = 60_000;

/** Limits wrong credentials per client network: after MAX_FAILURES in a window, attempts are rejected until it ends. */
export class FailedAttempts {
  readonly #clock: Clock;
  readonly #places = new BoundedMap<string, { failures: number; readonly until: number }>(10_000);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws Problem too-many-requests */
  admit(address: string | undefined): void {
    const seen = this.#seen(placeOf(address));
    if (seen === undefined || seen.failures < MAX_FAILURES) return;
    throw new ApiProblem(
      'too-many-requests',
      `${MAX_FAILURES} attempts with wrong credentials within a minute.`,
      {
        retryAfterSeconds: (seen.until - this.#clock.monotonic()) / 1_000,
      },
    );
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

/** Client network of an address. A household may have 2^64 IPv6 addresses, so a /64 counts as one. */
function placeOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return address ?? 'unknown';
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : parsed.toNormalizedString().split(':').slice(0, 4).join(':');
}
