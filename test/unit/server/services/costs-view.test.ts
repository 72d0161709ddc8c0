import { expect, test } from '@jest/globals';
import { costsViewSchema } from '../../../../src/server/contract/costs.ts';
import { compareCosts } from '../../../../src/server/services/cost-comparison.ts';
import { costsView } from '../../../../src/server/services/costs-view.ts';
import { listPrices } from '../../../../src/costs/price-book.ts';
import type { CostEntry } from '../../../../src/store/store.ts';

const five = new Date('2026-11-23T05:00:00Z');
const six = new Date('2026-11-23T06:00:00Z');
const seven = new Date('2026-11-23T07:00:00Z');
const entry = (
  platform: string,
  line: string,
  dollars: number,
  quantity: number,
  others: Partial<CostEntry> = {},
): CostEntry => ({
  namespace: 'shop',
  channelId: 'show',
  hour: five,
  show: five,
  platform,
  line,
  microDollars: Math.round(dollars * 1_000_000),
  quantity,
  estimated: true,
  prices: '2026-10-09',
  missingSeconds: 0,
  ...others,
});
const view = (
  entries: readonly CostEntry[],
  { to = six, now = seven }: { to?: Date; now?: Date } = {},
): ReturnType<typeof costsView> =>
  costsViewSchema.parse(
    costsView(entries, { from: five, to }, now, (some) => compareCosts(some, [], () => '1080p', listPrices)),
  );

/** An hour at 1080p with 100 viewers on IVS and 10 on Agora, where one costs 0.54 USD an hour. */
const show = [
  entry('agora', 'agora-relay', 0.54, 3_600),
  entry('agora', 'agora-viewers', 5.4, 36_000),
  entry('ivs-eu', 'ingest', 2, 3_600),
  entry('ivs-eu', 'delivery', 14.4, 360_000),
];

test('costs per hour on air, per viewer-hour, and per month', () => {
  expect(view(show)).toMatchObject({
    usd: '22.340000',
    perOnAirHourUsd: '22.340000',
    perViewerHourUsd: '0.203091',
    monthForecastUsd: '16084.800000',
    onAgoraAloneUsd: '59.400000',
    complete: true,
    missingSeconds: 0,
  });
});

test('unknown values are null, and never 0', () => {
  expect(view([])).toMatchObject({
    usd: '0.000000',
    onAgoraAloneUsd: null,
    breakEvenViewers: null,
    perViewerHourUsd: null,
    perOnAirHourUsd: null,
  });
  const delivery = entry('ivs-eu', 'delivery', 1, 3_600);
  expect(view([delivery])).toMatchObject({ onAgoraAloneUsd: null, breakEvenViewers: null });
  const future = { to: seven, now: five };
  expect(view(show, future).monthForecastUsd).toBeNull();
});

test('a forecast is based on the elapsed time, not on the requested period', () => {
  const month = { to: new Date('2026-12-01T00:00:00Z'), now: six };
  expect(view(show, month).monthForecastUsd).toBe('16084.800000');
});

test('channels are listed separately, and add up to the total', () => {
  const other = entry('ivs-eu', 'delivery', 1.5, 36_000, { channelId: 'other' });
  const { usd, channels } = view([...show, other]);
  expect(usd).toBe('23.840000');
  expect(channels).toMatchObject([
    { channelId: 'show', usd: '22.340000', perViewerHourUsd: '0.203091', onAgoraAloneUsd: '59.400000' },
    { channelId: 'other', usd: '1.500000', perViewerHourUsd: '0.150000', onAgoraAloneUsd: null },
  ]);
});

test('missing time is listed by line and in total; the same second is counted once', () => {
  const { channels, lines, ...whole } = view([
    entry('agora', 'agora-viewers', 5.4, 36_000, { missingSeconds: 60 }),
    entry('ivs-eu', 'delivery', 14.4, 360_000, { missingSeconds: 100, estimated: false }),
    entry('ivs-eu', 'delivery', 14.4, 360_000, { missingSeconds: 20, hour: six }),
    entry('ivs-eu', 'ingest', 2, 3_600),
    entry('ivs-eu', 'ingest', 2, 3_600, { channelId: 'other', estimated: false }),
  ]);
  expect(whole).toMatchObject({ complete: false, missingSeconds: 120, estimated: true });
  expect(
    lines.map(({ channelId, line, complete, missingSeconds, estimated }) => [
      ...[channelId, line, complete, missingSeconds, estimated],
    ]),
  ).toEqual([
    ['show', 'agora-viewers', false, 60, true],
    ['show', 'delivery', false, 120, true],
    ['show', 'ingest', true, 0, true],
    ['other', 'ingest', true, 0, false],
  ]);
  expect(channels).toMatchObject([
    { channelId: 'show', complete: false, missingSeconds: 120 },
    { channelId: 'other', complete: true, missingSeconds: 0, estimated: false },
  ]);
});

test('days are listed in their order, each with its own forecast', () => {
  const next = { hour: new Date('2026-11-24T05:00:00Z') };
  const { days, usd } = view([...show, entry('ivs-eu', 'delivery', 1.5, 36_000, next)], {
    to: new Date('2026-11-25T00:00:00Z'),
    now: new Date('2026-11-24T06:00:00Z'),
  });
  expect(days.map((each) => [each.day, each.usd])).toEqual([
    ['2026-11-23', '22.340000'],
    ['2026-11-24', '1.500000'],
  ]);
  expect(usd).toBe('23.840000');
  // Of the first day, the 19 hours that belong to the period; of the second, the six that have passed.
  expect(days.map((each) => each.monthForecastUsd)).toEqual(['846.568421', '180.000000']);
});

test('a platform has the whole hours of its channels, what Agora got of them included', () => {
  const alone = entry('agora', 'agora-viewers', 5.4, 36_000, { channelId: 'alone' });
  const moved = [
    entry('mux-eu', 'ingest', 0.2, 600, { channelId: 'moved' }),
    entry('ivs-eu', 'ingest', 1.8, 3_000, { channelId: 'moved' }),
  ];
  const { platforms } = view([...show, alone, ...moved]);
  expect(platforms.map((each) => [each.platform, each.usd, each.onAgoraAloneUsd])).toEqual([
    ['ivs-eu', '24.340000', '59.400000'],
    [null, '5.400000', '5.400000'],
  ]);
});
