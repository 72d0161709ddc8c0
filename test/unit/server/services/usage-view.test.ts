import { expect, test } from '@jest/globals';
import { usageView } from '../../../../src/server/services/usage-view.ts';
import type { ServiceSum } from '../../../../src/store/store.ts';

const sum = (of: Partial<ServiceSum>): ServiceSum => ({
  channelId: undefined,
  day: undefined,
  wantedSeconds: 0,
  onAirSeconds: 0,
  waitingSeconds: 0,
  missingSeconds: 0,
  ingestBytes: 0,
  measuredBytes: 0,
  estimatedBytes: 0,
  ...of,
});
const period = { from: new Date('2026-11-22T00:00:00Z'), to: new Date('2026-11-24T00:00:00Z') };
const day = (date: number): Date => new Date(`2026-11-${date}T00:00:00Z`);

test('uptime in total, by day, and by channel, the worst first', () => {
  const view = usageView(
    [
      sum({ day: day(22), wantedSeconds: 3_600, onAirSeconds: 3_582 }),
      sum({ day: day(23), wantedSeconds: 400, onAirSeconds: 400, waitingSeconds: 60.04 }),
      sum({ channelId: 'good', wantedSeconds: 3_000, onAirSeconds: 3_000 }),
      sum({ channelId: 'never', waitingSeconds: 60.04 }),
      sum({ channelId: 'bad', wantedSeconds: 1_000, onAirSeconds: 982 }),
    ],
    period,
  );
  expect(view).toMatchObject({ wantedSeconds: 4_000, onAirSeconds: 3_982, uptimePercent: 99.55 });
  expect(view.days.map((each) => [each.day, each.uptimePercent])).toEqual([
    ['2026-11-22', 99.5],
    ['2026-11-23', 100],
  ]);
  expect(view.channels.map((each) => [each.channelId, each.uptimePercent])).toEqual([
    ['bad', 98.2],
    ['good', 100],
    ['never', null],
  ]);
  expect(view.waitingSeconds).toBe(60);
});

test('100% means without interruption: percent are not rounded up', () => {
  const view = usageView([sum({ day: day(22), wantedSeconds: 1_000_000, onAirSeconds: 999_999 })], period);
  expect(view.uptimePercent).toBe(99.999);
});

test('traffic is estimated as soon as a part of it is', () => {
  const measured = sum({ channelId: 'origin', measuredBytes: 700 });
  const both = sum({ channelId: 'moved', measuredBytes: 700, estimatedBytes: 1 });
  expect(usageView([measured, both], period).channels).toEqual([
    expect.objectContaining({ channelId: 'origin', deliveredBytes: 700, deliveredEstimated: false }),
    expect.objectContaining({ channelId: 'moved', deliveredBytes: 701, deliveredEstimated: true }),
  ]);
});
