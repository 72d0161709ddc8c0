import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { MountedKeys } from '../mounted-keys.ts';
import { readTicketKeys, type TicketKey } from './ticket-key-files.ts';

/** RFC 7518, 3.2: a key of HS256 has at least the size of the hash. */
export const MIN_KEY_BYTES = 32;
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
  readonly #keys: MountedKeys<readonly KnownKey[]>;
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(read: () => Promise<readonly TicketKey[]>, clock: Pick<Clock, 'monotonic'>, logger: Logger) {
    this.#clock = clock;
    this.#keys = new MountedKeys<readonly KnownKey[]>({
      ...{ clock, logger, failed: 'the keys of tickets cannot be read', none: [] },
      read: async (before) => {
        const now = clock.monotonic();
        return knownKeys(usableKeys(await read(), logger), before, now);
      },
    });
  }

  all(): Promise<readonly TicketKey[]> {
    return this.#keys.current();
  }

  async toSign(): Promise<TicketKey | undefined> {
    return signingKey(await this.#keys.current(), this.#clock.monotonic());
  }
}

function usableKeys(found: readonly TicketKey[], logger: Logger): readonly TicketKey[] {
  for (const { id, secret } of found)
    if (secret.byteLength < MIN_KEY_BYTES)
      logger.error(
        { key: id, bytes: secret.byteLength },
        `a key of tickets is ignored: it has fewer than ${MIN_KEY_BYTES} bytes`,
      );
  return found.filter(({ secret }) => secret.byteLength >= MIN_KEY_BYTES);
}

/** Keys that are there at the start are assumed to be everywhere. A file whose content changed is another key. */
function knownKeys(
  keys: readonly TicketKey[],
  before: readonly KnownKey[] | undefined,
  now: number,
): readonly KnownKey[] {
  return keys.map((key) => {
    const known = before?.find(({ id }) => id === key.id);
    if (known !== undefined && sameBytes(known.secret, key.secret)) return known;
    return { ...key, signsFrom: before === undefined ? now : now + KEY_SETTLE_MS };
  });
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
