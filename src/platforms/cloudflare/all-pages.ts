import { PlatformError } from '../errors.ts';

interface Listed {
  readonly uid: string;
  readonly created?: string | undefined;
}

interface Page<T> {
  readonly items: readonly T[];
  /** How many there are, where the answer tells: of all, or of those that were asked for. */
  readonly total: number | undefined;
}

/**
 * All of a listing that goes from the newest to the oldest, `size` at once: `read(end)` gives those created before
 * `end`. Nothing is missed where several were created at the same moment, because the pages overlap by a millisecond.
 * A listing that says that there is more, and does not give it, is an error: what is not listed would be taken for
 * what does not exist.
 */
export async function allPages<T extends Listed>(
  read: (end: string | undefined) => Promise<Page<T>>,
  size: number,
): Promise<readonly T[]> {
  const found = new Map<string, T>();
  let end: string | undefined;
  let all: number | undefined; // of the first page, which is of everything
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
    `Cloudflare listed ${found} of ${total ?? 'more'} and gives no more; delete live inputs that nobody uses, so that one listing holds them all.`,
    { retryable: true },
  );
}
