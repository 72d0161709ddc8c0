import { expect, test } from '@jest/globals';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { QoeBook } from '../../../../../src/server/services/qoe/qoe-book.ts';
import { sumsOf } from '../../../../../src/server/services/qoe/qoe-sums.ts';
import { aQoeReport } from '../../../../support/server/qoe-reports.ts';

function underTest() {
  const clock = new FakeClock();
  const book = new QoeBook(() => clock.now());
  const add = (channelId = 'show', browser = 'chrome', platform: string | undefined = 'ivs-eu') => {
    book.add({ channelId, browser, platform }, sumsOf(aQoeReport(), { weight: 1, place: 'start' }));
  };
  const rows = () => book.rows().map(({ at, browser, sums }) => [at.getUTCMinutes(), browser, sums.starts]);
  return { clock, book, add, rows };
}

test('reports are summed by minute, platform and browser', async () => {
  const { clock, book, add, rows } = underTest();
  add();
  add();
  add('show', 'firefox');
  await clock.advance(60_000);
  add();
  expect(rows()).toEqual([
    [0, 'chrome', 2],
    [0, 'firefox', 1],
    [1, 'chrome', 1],
  ]);
  add('show', 'chrome', 'mux');
  expect(book.rows().map(({ platform }) => platform)).toEqual(['ivs-eu', 'ivs-eu', 'ivs-eu', 'mux']);
});

test('after an hour nothing is left of a report', async () => {
  const { clock, add, rows } = underTest();
  add();
  await clock.advance(59 * 60_000);
  expect(rows()).toHaveLength(1);
  await clock.advance(60_000);
  expect(rows()).toEqual([]);
});

test('what was taken is gone, and a channel that is gone leaves nothing', () => {
  const { book, add, rows } = underTest();
  add();
  add('other', 'edge');
  book.forget('show');
  expect(rows()).toEqual([[0, 'edge', 1]]);
  expect(book.take()).toHaveLength(1);
  expect(rows()).toEqual([]);
});
