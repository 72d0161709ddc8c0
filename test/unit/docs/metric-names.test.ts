import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkout, filesBelow, pagesBelow, type Page } from '../../support/docs/pages.ts';

const metricsPage = 'docs/reference/metrics.md';

interface Metrics {
  /** By name, with the type. */
  readonly types: ReadonlyMap<string, string>;
}

function metricsIn(page: string): Metrics {
  const rows = page.matchAll(/^\| `(livechannel_\w+)` \| (\w+) \|/gm);
  return { types: new Map([...rows].map(([, name = '', type = '']) => [name, type])) };
}

/** Names of the database's own tables begin the same way. */
async function tableNames(): Promise<Set<string>> {
  const paths = await filesBelow('src/store', '.ts');
  const sources = await Promise.all(paths.map((path) => readFile(join(checkout, path), 'utf8')));
  return new Set(sources.flatMap((source) => source.match(/\blivechannel_[a-z_]+\b/g) ?? []));
}

/** Names in the text that are neither a metric, one of a histogram's series, nor a table. */
function unknownNames({ text }: Page, { types }: Metrics, tables: ReadonlySet<string>): string[] {
  const isMetric = (name: string): boolean => {
    const histogram = /^(.*)_(?:bucket|sum|count)$/.exec(name)?.[1];
    return types.has(name) || (histogram !== undefined && types.get(histogram) === 'histogram');
  };
  const names = text.match(/\blivechannel_[a-z0-9_]+\b/g) ?? [];
  return [...new Set(names)].filter((name) => !isMetric(name) && !tables.has(name));
}

test('every metric that a page names exists', async () => {
  const metrics = metricsIn(await readFile(join(checkout, metricsPage), 'utf8'));
  expect(metrics.types.size).toBeGreaterThan(50);
  const tables = await tableNames();
  expect(tables.has('livechannel_costs')).toBe(true);
  const pages = [
    ...(await pagesBelow('docs')),
    ...(await pagesBelow('charts')),
    ...(await pagesBelow('examples')),
  ];
  const readme = { path: 'README.md', text: await readFile(join(checkout, 'README.md'), 'utf8') };
  const unknown = [...pages, readme].flatMap((page) =>
    unknownNames(page, metrics, tables).map((name) => `${page.path}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test('a metric that does not exist is caught; series of a histogram are not', () => {
  const metrics = metricsIn('| `livechannel_a_seconds` | histogram |\n| `livechannel_b` | gauge |\n');
  const text = 'livechannel_a_seconds_bucket livechannel_b livechannel_b_sum livechannel_c livechannel_t';
  expect(unknownNames({ path: 'a.md', text }, metrics, new Set(['livechannel_t']))).toEqual([
    'livechannel_b_sum',
    'livechannel_c',
  ]);
});
