import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { qoeQuerySchema, qoeReportSchema, type QoeReport } from '../../../../../src/server/contract/qoe.ts';
import { emptySums, plus, sumsOf, type Standing } from '../../../../../src/server/services/qoe/qoe-sums.ts';
import { figuresOf, qoePeriod, qoeView } from '../../../../../src/server/services/qoe/qoe-view.ts';
import type { QoeRow } from '../../../../../src/store/store.ts';
import { aQoeReport } from '../../../../support/server/qoe-reports.ts';

const began: Standing = { weight: 1, place: 'start' };
const stayed: Standing = { weight: 1, place: 'carried' };
const sumsOfAll = (reports: readonly QoeReport[], standing = began) =>
  reports.map((report) => sumsOf(report, standing)).reduce(plus, emptySums);
const figures = (reports: readonly QoeReport[]) => figuresOf(sumsOfAll(reports));

test('the share of stalled time is that of all playback, not the mean of the players', () => {
  const stalled = aQoeReport(1, { dur: 10, playing: 5, stalled: 5, stalls: 2 });
  const { stalledRatio, stallsPerHour, playingSeconds } = figures([stalled, aQoeReport(2), aQoeReport(3)]);
  expect(stalledRatio).toBeCloseTo(5 / 70);
  expect(stallsPerHour).toBeCloseTo((2 * 3_600) / 65);
  expect(playingSeconds).toBe(65);
});

test('percentiles are those of the histogram, and unknown without values', () => {
  const starts = [0.4, 0.4, 0.4, 6].map((ttff, player) => aQoeReport(player, { ttff }));
  const { startupP50, startupP95, latencyP50 } = figures(starts);
  expect(startupP50).toBeGreaterThan(0.25);
  expect(startupP50).toBeLessThanOrEqual(0.5);
  expect(startupP95).toBeGreaterThan(5);
  expect(startupP95).toBeLessThanOrEqual(8);
  expect(latencyP50).toBeNull();
});

test('fewer than three players have no figures, which would be those of a person', () => {
  const few = figures([1, 2].map((player) => aQoeReport(player, { ttff: 1, lat50: 4, fatal: 'media' })));
  expect(few).toMatchObject({ sessions: 2, startupP50: null, latencyP50: null, stalledRatio: null });
  expect(few).toMatchObject({ droppedRatio: null, fatal: 2 });
});

test('two players of a sample have no figures either, however many they stand for', () => {
  const standing: Standing = { weight: 50, place: 'carried' };
  const two = figuresOf(sumsOfAll([aQoeReport(1), aQoeReport(2)], standing));
  expect(two).toMatchObject({ sessions: 100, stalledRatio: null });
});

const minute = (count: number): Date => new Date(Date.parse('2026-01-01T00:00:00Z') + count * 60_000);
const row = (count: number, standing: Standing, difference: Partial<QoeRow> = {}): QoeRow => ({
  ...{ channelId: 'show', at: minute(count), platform: 'ivs-eu', browser: 'chrome' },
  sums: sumsOf(aQoeReport(), standing),
  ...difference,
});
const period = (stepSeconds: number) => ({ from: minute(0), to: minute(60), stepSeconds });

test('a player counts once, however many minutes and platforms it is there for', () => {
  const rows = [
    row(0, began),
    row(1, stayed),
    row(2, stayed, { platform: 'mux' }),
    row(2, began, { platform: 'mux', browser: 'firefox' }),
  ];
  const view = qoeView(rows, period(60));
  expect(view.sessions).toBe(2);
  expect(view.minutes.map(({ sessions }) => sessions)).toEqual([1, 1, 2]);
  expect(view.platforms.map(({ platform, sessions }) => [platform, sessions])).toEqual([
    ['ivs-eu', 1],
    ['mux', 2],
  ]);
  expect(view.browsers.map(({ browser, sessions }) => [browser, sessions])).toEqual([
    ['chrome', 1],
    ['firefox', 1],
  ]);
});

test('those who watched before the period count, and minutes become steps', () => {
  const rows = [row(7, stayed), row(5, stayed), row(6, stayed), row(12, began)];
  const view = qoeView(rows, period(600));
  expect(view).toMatchObject({ sessions: 2, playingSeconds: 120 });
  expect(view.minutes).toMatchObject([
    { at: minute(0).toISOString(), sessions: 1, playingSeconds: 90 },
    { at: minute(10).toISOString(), sessions: 1 },
  ]);
});

test('without a period it is the last hour, and a period begins with a whole step', () => {
  const now = new Date('2026-01-01T12:34:56Z');
  expect(qoePeriod(qoeQuerySchema.parse({}), now)).toMatchObject({ from: new Date('2026-01-01T11:35:00Z') });
  const day = qoeQuerySchema.parse({ from: '2025-12-31T10:20:00Z', step: '3600' });
  expect(qoePeriod(day, now)).toMatchObject({ from: new Date('2025-12-31T10:00:00Z'), stepSeconds: 3_600 });
  expect(() => qoePeriod(qoeQuerySchema.parse({ from: '2025-01-01T00:00:00Z' }), now)).toThrow('points');
  expect(qoeQuerySchema.safeParse({ step: 90 }).success).toBe(false);
});

test('whatever a valid report contains, figures are numbers in their range', () => {
  const number = (max: number) => fc.double({ min: 0, max, noNaN: true });
  const report = fc
    .record(
      {
        ...{ dur: number(300), playing: number(300), stalled: number(300), stalls: fc.nat(100_000) },
        ...{ ttff: number(600), lat50: number(120), dropped: fc.nat(100_000), frames: fc.nat(100_000) },
      },
      { requiredKeys: ['dur', 'playing', 'stalled', 'stalls'] },
    )
    .map((some) => qoeReportSchema.parse({ ...aQoeReport(), ...some }));
  fc.assert(
    fc.property(fc.array(report, { minLength: 1, maxLength: 20 }), (reports) => {
      const { stalledRatio, droppedRatio, startupP50, startupP95, latencyP95 } = figures(reports);
      for (const ratio of [stalledRatio, droppedRatio]) {
        expect(ratio ?? 0).toBeGreaterThanOrEqual(0);
        expect(ratio ?? 0).toBeLessThanOrEqual(1);
      }
      expect(startupP50 ?? 0).toBeLessThanOrEqual(startupP95 ?? 0);
      expect(latencyP95 ?? 0).toBeLessThanOrEqual(60);
    }),
  );
});
