import { PlatformError } from '../errors.ts';

interface Listed {
  readonly uid: string;
  readonly created?: string | undefined;
}

interface Page<T> {
  readonly items: readonly T[];
  /** Total number of items, if the answer has it: of the whole listing, or of the requested range. */
  readonly total: number | undefined;
}

/**
 * Reads a complete listing that is ordered from newest to oldest, with `size` items per page. `read(end)` returns the items
 * created before `end`. Pages overlap by a millisecond, so that items created at the same time are not missed.
 * Throws PlatformUnavailable if the listing reports more items than it returns: callers would treat an item that is not
 * listed as one that does not exist.
 */
export async function allPages<T extends Listed>(
  read: (end: string | undefined) => Promise<Page<T>>,
  size: number,
): Promise<readonly T[]> {
  const found = new Map<string, T>();
  let end: string | undefined;
  let all: number | undefined; // total of the first page, whose range is the whole listing
  for (;;) {
    const { items, total } = await read(end);
    all ??= total;
    const before = found.size;
    for (const item of items) found.set(item.uid, item);
    const nothingNew = found.size === before;
    const complete =
      total === undefined || all === undefined
        ? items.length < size
        : items.length >= total || found.size >= all || (nothingNew && found.size >= total);
    if (complete) return [...found.values()];
    const oldest = Math.min(...items.map(({ created }) => Date.parse(created ?? '')));
    if (nothingNew || Number.isNaN(oldest)) throw incomplete(found.size, total);
    end = new Date(oldest + 1).toISOString();
  }
}

function incomplete(found: number, total: number | undefined): PlatformError {
  return new PlatformError(
    'PlatformUnavailable',
    `Cloudflare listed ${found} of ${total ?? 'more'} items and returned no further page. Delete unused live inputs, so that they fit on one page.`,
    { retryable: true },
  );
}
