import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { anchorsOf, linksOf } from './links.ts';
import { checkout, pagesBelow, type Page } from '../../support/docs/pages.ts';

let pages: readonly Page[];

beforeAll(async () => {
  pages = await pagesBelow('.');
});

describe('the pages of the project', () => {
  test('have links that lead somewhere, and to a heading where they name one', () => {
    const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));
    const broken = pages.flatMap((page) =>
      linksOf(page).flatMap(({ path, anchor, written }) => {
        if (path === undefined) return [];
        if (path.startsWith('..') || !existsSync(join(checkout, path)))
          return [`${page.path}: ${written} does not exist`];
        const known = anchors.get(path);
        const wrong = anchor !== undefined && known !== undefined && !known.has(anchor);
        return wrong ? [`${page.path}: ${written} has no such heading`] : [];
      }),
    );
    expect(broken).toEqual([]);
  });

  test('are all reached from docs/README.md', () => {
    const byPath = new Map(pages.map((page) => [page.path, page]));
    const reached = new Set<string>();
    const visit = (path: string): void => {
      const page = byPath.get(path);
      if (page === undefined || reached.has(path)) return;
      reached.add(path);
      for (const link of linksOf(page)) if (link.path !== undefined) visit(link.path);
    };
    visit('docs/README.md');
    const unreached = pages
      .map(({ path }) => path)
      .filter((path) => path.startsWith('docs/') && !reached.has(path));
    expect(unreached).toEqual([]);
  });
});

describe('links', () => {
  const page = (text: string): Page => ({ path: 'docs/build/a.md', text });

  test('are those of the prose, relative to their page', () => {
    const text = [
      'See [b](../channels/b.md#the-way-back), [here](#x), ![alt](../diagrams/c.svg)',
      'and [there](https://example.com/a_(b)).',
      '`[no](link.md)`',
      '```md',
      '[no](fence.md)',
      '```',
    ].join('\n');
    expect(linksOf(page(text)).map(({ path, anchor }) => [path, anchor])).toEqual([
      ['docs/channels/b.md', 'the-way-back'],
      ['docs/build/a.md', 'x'],
      ['docs/diagrams/c.svg', undefined],
      [undefined, undefined],
    ]);
  });

  test.each([
    ['# The way back', 'the-way-back'],
    ["## 7. The buyer's page", '7-the-buyers-page'],
    ['### `streamMode: auto`', 'streammode-auto'],
    ['## A [link](b.md), and more', 'a-link-and-more'],
    ['## REST & tRPC', 'rest--trpc'],
  ])('lead to the anchor of "%s"', (heading, anchor) => {
    expect([...anchorsOf(heading)]).toEqual([anchor]);
  });

  test('to a repeated heading are numbered', () => {
    expect([...anchorsOf('# A\n## A\n```\n# B\n```\n')]).toEqual(['a', 'a-1']);
  });
});
