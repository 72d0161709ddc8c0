import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { readTicketKeys, type TicketKey } from './ticket-key-files.ts';

/** RFC 7518, 3.2: a key of HS256 has at least the size of the hash. */
export const MIN_KEY_BYTES = 32;
/** Interval at which the mounted Secret is read again. */
const REREAD_INTERVAL_MS = 30_000;
/**
 * How long a key that was added must be known before it signs. Each node updates its mounts by itself, within about 90
 * seconds; a replica that does not have the key yet would refuse the tickets that another one signs with it.
 */
export const KEY_SETTLE_MS = 180_000;

/** A key, and the monotonic time since which it may sign. */
interface KnownKey extends TicketKey {
  readonly signsFrom: number;
}

/** Sorts key-10 after key-9, and later dates after earlier ones. */
const byId = new Intl.Collator('en', { numeric: true });

/** The newest key that may sign at `now`, by its name; if none may yet, the oldest. undefined: there is none. */
export function signingKey(keys: readonly KnownKey[], now: number): TicketKey | undefined {
  const sorted = keys.toSorted((a, b) => byId.compare(a.id, b.id));
  return sorted.findLast(({ signsFrom }) => signsFrom <= now) ?? sorted[0];
}

/**
 * The keys that sign and verify tickets, which all replicas share. The newest one signs; all of them verify, so that a key
 * can be replaced while tickets of the previous one are in use.
 */
export class TicketKeys {
  readonly #read: () => Promise<readonly TicketKey[]>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Logger;
  #keys: readonly KnownKey[] | undefined;
  #readUntil = -Infinity;
  #reading: Promise<readonly KnownKey[]> | undefined;

  constructor(read: () => Promise<readonly TicketKey[]>, clock: Pick<Clock, 'monotonic'>, logger: Logger) {
    this.#read = read;
    this.#clock = clock;
    this.#logger = logger;
  }

  async all(): Promise<readonly TicketKey[]> {
    return this.#current();
  }

  async toSign(): Promise<TicketKey | undefined> {
    return signingKey(await this.#current(), this.#clock.monotonic());
  }

  async #current(): Promise<readonly KnownKey[]> {
    if (this.#keys !== undefined && this.#clock.monotonic() < this.#readUntil) return this.#keys;
    this.#reading ??= this.#reread().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #reread(): Promise<readonly KnownKey[]> {
    const now = this.#clock.monotonic();
    let found: readonly TicketKey[];
    try {
      found = await this.#read();
    } catch (error) {
      // The keys that are known remain valid; the next attempt follows after the interval.
      this.#logger.error({ err: error }, 'the keys of tickets cannot be read');
      this.#keys ??= [];
      this.#readUntil = now + REREAD_INTERVAL_MS;
      return this.#keys;
    }
    const usable = found.filter(({ secret }) => secret.byteLength >= MIN_KEY_BYTES);
    for (const { id, secret } of found)
      if (secret.byteLength < MIN_KEY_BYTES)
        this.#logger.error(
          { key: id, bytes: secret.byteLength },
          `a key of tickets is ignored: it has fewer than ${MIN_KEY_BYTES} bytes`,
        );
    const before = this.#keys;
    this.#keys = usable.map((key) => {
      const known = before?.find(({ id }) => id === key.id);
      // A file whose content changed is another key. Keys that are there at the start are assumed to be everywhere.
      if (known !== undefined && sameBytes(known.secret, key.secret)) return known;
      return { ...key, signsFrom: before === undefined ? now : now + KEY_SETTLE_MS };
    });
    this.#readUntil = now + REREAD_INTERVAL_MS;
    return this.#keys;
  }
}

/** The keys of a mounted Secret; undefined: none is mounted, and there are no tickets. */
export function ticketKeysIn(
  folder: string | undefined,
  clock: Pick<Clock, 'monotonic'>,
  logger: Logger,
): TicketKeys {
  return new TicketKeys(async () => (folder === undefined ? [] : readTicketKeys(folder)), clock, logger);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
