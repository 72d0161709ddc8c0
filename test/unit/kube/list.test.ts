import { expect, test } from '@jest/globals';
import { ApiError } from '../../../src/kube/errors.ts';
import { listPages } from '../../../src/kube/list.ts';

const page = (items: readonly string[], next = '') => ({
  metadata: { resourceVersion: '7', continue: next },
  items,
});

test('pages are fetched one after the other until the last', async () => {
  const queries: unknown[] = [];
  const answers = [page(['a', 'b'], 'more'), page(['c'])];
  const pages = listPages({ pageSize: 2, labelSelector: 'x=y' }, async (query) => {
    queries.push(query);
    return answers.shift();
  });
  const items: unknown[] = [];
  for await (const each of pages) items.push(...each.items);
  expect(items).toEqual(['a', 'b', 'c']);
  expect(queries).toMatchObject([
    { limit: 2, labelSelector: 'x=y', continue: undefined },
    { limit: 2, continue: 'more' },
  ]);
});

test('when the list expires meanwhile, all is read again in one request and the caller is notified', async () => {
  const queries: { limit?: unknown; continue?: unknown }[] = [];
  const pages = listPages({ pageSize: 1 }, async (query) => {
    queries.push(query);
    if (queries.length === 1) return page(['a'], 'more');
    if (queries.length === 2) throw new ApiError('list', { status: 410, reason: 'Expired' });
    return page(['b', 'c']);
  });
  const seen: unknown[] = [];
  for await (const { items, restart } of pages) seen.push({ items, restart });
  expect(seen).toEqual([
    { items: ['a'], restart: false },
    { items: ['b', 'c'], restart: true },
  ]);
  expect(queries[2]).toMatchObject({ limit: undefined, continue: undefined });
});

test('any other failure is thrown', async () => {
  const pages = listPages({}, () => Promise.reject(new ApiError('list', { status: 410 })));
  await expect(pages.next()).rejects.toMatchObject({ isExpired: true });
});
