import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allPages } from '../../../../src/platforms/cloudflare/all-pages.ts';

interface Item {
  readonly uid: string;
  readonly created: string;
}

/** Newest first, at most `size` items, created before `end`. */
function serve(all: readonly Item[], size: number, totalOf: 'all' | 'matching' | 'nothing') {
  const newestFirst = all.toSorted((a, b) => b.created.localeCompare(a.created));
  return async (end: string | undefined): Promise<{ items: Item[]; total: number | undefined }> => {
    const matching = newestFirst.filter(({ created }) => end === undefined || created < end);
    const total = { all: all.length, matching: matching.length, nothing: undefined }[totalOf];
    return { items: matching.slice(0, size), total };
  };
}

test('no item is missed or returned twice, whatever the total counts', async () => {
  await fc.assert(
    fc.asyncProperty(
      // Fewer items of one millisecond than a page has.
      fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { maxLength: 60 }),
      fc.integer({ min: 2, max: 20 }),
      fc.constantFrom('all', 'matching', 'nothing'),
      async (times, size, totalOf) => {
        const all = times.map((ms, n) => ({ uid: String(n), created: new Date(ms).toISOString() }));
        const found = await allPages(serve(all, size, totalOf), size);
        expect(found.map(({ uid }) => uid).sort()).toEqual(all.map(({ uid }) => uid).sort());
      },
    ),
  );
});

test('an incomplete list is an error if the platform ignores the paging options', async () => {
  const items = [{ uid: 'a', created: '2026-01-01T00:00:00Z' }];
  await expect(allPages(async () => ({ items, total: 3 }), 1)).rejects.toMatchObject({
    reason: 'PlatformUnavailable',
    message: expect.stringContaining('1 of 3'),
  });
});

test('an item that is deleted between two pages is not waited for', async () => {
  const pages = [
    { items: [{ uid: 'a', created: '2026-01-02T00:00:00Z' }], total: 2 },
    { items: [], total: 1 },
  ];
  expect(await allPages(async () => pages.shift() ?? { items: [], total: 0 }, 1)).toHaveLength(1);
});
