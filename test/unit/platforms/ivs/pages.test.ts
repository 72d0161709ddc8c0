import { expect, test } from '@jest/globals';
import { allPages } from '../../../../src/platforms/ivs/pages.ts';

test.each([
  ['one', [{ items: [1] }]],
  ['three', [{ items: [1], nextToken: 'a' }, { items: [], nextToken: 'b' }, { items: [2] }]],
  ['a list that ends with an empty token', [{ items: [1], nextToken: '' }]],
])('%s of pages is read to the end', async (_what, pages) => {
  const asked: (string | undefined)[] = [];
  const read = await allPages(({ nextToken }) => {
    asked.push(nextToken);
    return Promise.resolve(pages[asked.length - 1] ?? { items: [] });
  });
  expect(read).toEqual(pages);
  expect(asked).toEqual([undefined, 'a', 'b'].slice(0, pages.length));
});
