import { expect, test } from '@jest/globals';
import { plus, sumsOf, then } from '../../../../../src/server/services/qoe/qoe-sums.ts';
import { aQoeReport } from '../../../../support/server/qoe-reports.ts';

test('a report that contradicts itself counts no more than its time', () => {
  const { playing, stalled, dropped, frames } = sumsOf(
    aQoeReport(1, { dur: 10, playing: 300, stalled: 300, dropped: 900, frames: 100 }),
    { weight: 1, place: 'later' },
  );
  expect([playing, stalled, dropped, frames]).toEqual([10, 0, 100, 100]);
});

test('a report counts for all players that it stands for, and its fault once', () => {
  const report = aQoeReport(1, { ttff: 0.9, lat50: 4.5, playing: 20, stalled: 2, stalls: 1, fatal: 'media' });
  const sums = sumsOf(report, { weight: 10, place: 'carried' });
  expect(sums).toMatchObject({ playing: 200, stalled: 20, stalls: 10, frames: 7_500, fatal: 1 });
  expect(sums).toMatchObject({ starts: 0, carried: 10, carriedReporters: 1 });
  expect([Math.max(...sums.startups), Math.max(...sums.latencies)]).toEqual([10, 10]);
});

test('a player that is not in the sample adds its fault and nothing else', () => {
  const sums = sumsOf(aQoeReport(1, { ttff: 1, fatal: 'segment' }), { weight: 0, place: 'carried' });
  const { fatal, startups, ...rest } = sums;
  expect(fatal).toBe(1);
  expect([...startups, ...Object.values(rest).flat()].every((value) => value === 0)).toBe(true);
});

test('sums of the same time count all players, and those of a later time only the new ones', () => {
  const some = sumsOf(aQoeReport(), { weight: 1, place: 'carried' });
  const more = sumsOf(aQoeReport(), { weight: 1, place: 'start' });
  expect(plus(some, plus(some, more))).toMatchObject({
    carried: 2,
    carriedReporters: 2,
    starts: 1,
    playing: 90,
  });
  expect(then(some, plus(some, more))).toMatchObject({
    carried: 1,
    carriedReporters: 1,
    starts: 1,
    playing: 90,
  });
});
