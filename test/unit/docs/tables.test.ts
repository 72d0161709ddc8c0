import { describe, expect, test } from '@jest/globals';
import { pagesBelow, proseOf } from '../../support/docs/pages.ts';

const SEPARATOR = /^\|(?: *:?-+:? *\|)+$/;

/** What is wrong with the tables of a page: the first line of each table, and why it is not rendered as meant. */
function faultsOf(markdown: string): string[] {
  const tables = proseOf(markdown).match(/(?:^ *\|.*\n?)+/gm) ?? [];
  return tables.flatMap((table) => {
    const [header = '', separator = '', ...rows] = table
      .trimEnd()
      .split('\n')
      .map((row) => row.trim());
    const fault = (what: string): string => `${header}: ${what}`;
    if (!SEPARATOR.test(separator)) return [fault('the second row is no separator')];
    const cells = (row: string): number => row.split(/(?<!\\)\|/).length - 2;
    return [
      ...[separator, ...rows]
        .filter((row) => cells(row) !== cells(header))
        .map((row) => fault(`another number of cells: ${row}`)),
      ...rows.filter((row) => SEPARATOR.test(row)).map(() => fault('a second separator')),
      ...rows.filter((row, index) => rows.indexOf(row) < index).map((row) => fault(`twice: ${row}`)),
    ];
  });
}

describe('the tables of the pages', () => {
  test('have a header, a separator, and rows of as many cells that differ', async () => {
    const pages = await pagesBelow('.');
    const faults = pages.flatMap(({ path, text }) => faultsOf(text).map((fault) => `${path}: ${fault}`));
    expect(faults).toEqual([]);
  });

  test.each([
    ['a header alone, as a merge can leave it', '| A | B |\n\n| a | b |\n| - | - |\n| c | d |\n', 1],
    ['a missing cell', '| A | B |\n| - | - |\n| a |\n', 1],
    ['a row twice', '| A |\n| - |\n| a |\n| a |\n', 1],
    ['two merged tables', '| A |\n| - |\n| a |\n| - |\n', 1],
    ['none', '| A | B |\n| :-- | - |\n| `a\\|b` | c |\n', 0],
  ])('are checked: %s', (_name, page, faults) => {
    expect(faultsOf(page)).toHaveLength(faults);
  });
});
