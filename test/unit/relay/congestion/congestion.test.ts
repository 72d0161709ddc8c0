import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitrateFor, MIN_VIDEO_KBPS } from '../../../../src/relay/congestion/bitrate.ts';
import { congestionMessage } from '../../../../src/relay/congestion/message.ts';
import {
  nextCongestion,
  noCongestion,
  type Congestion,
  type CongestionInput,
} from '../../../../src/relay/congestion/congestion.ts';
import { QUIET_MS, simulate, stepsOf, type Moment, type PathModel } from './path-model.ts';

const host = { hostKbps: 2_800 };
const kinds = (moments: readonly Moment[]): string[] => stepsOf(moments).map(({ step }) => step.kind);
const droppingAfter = (moments: readonly Moment[], second: number): number =>
  moments.filter((moment) => moment.second > second && moment.dropping).length / 10;
/** Slow from second 10 on, for `slowSeconds`. */
const slow = (kbps: number, slowSeconds: number) => (second: number) =>
  second >= 10 && second < 10 + slowSeconds ? kbps : 100_000;

describe('a path that accepts less than the host sends', () => {
  test('gets the small stream within seconds, and everything again after a quiet minute', () => {
    const moments = simulate({ ...host, smallKbps: 400, capacity: slow(1_200, 40) }, 120);
    const [, down, up, ...more] = stepsOf(moments);
    expect(down).toMatchObject({ step: { kind: 'small-stream' } });
    expect(down?.second).toBeGreaterThan(13);
    expect(down?.second).toBeLessThan(18);
    expect(up).toMatchObject({ step: { kind: 'full' } });
    expect((up?.second ?? 0) - (down?.second ?? 0)).toBeGreaterThanOrEqual(QUIET_MS / 1_000);
    expect(up?.second).toBeLessThan(90);
    expect(more).toEqual([]);
    expect(droppingAfter(moments, 24)).toBe(0);
  });

  test('gets a transcode at 75% of what it accepts, if the host has no small stream', () => {
    const moments = simulate({ ...host, capacity: slow(1_200, 40) }, 120);
    expect(kinds(moments)).toEqual(['full', 'small-stream', 'transcode', 'full']);
    const transcode = stepsOf(moments)[2]?.step;
    if (transcode?.kind !== 'transcode') throw new Error('no transcode');
    expect(transcode.videoBitrateKbps).toBeGreaterThan(0.75 * 1_150 - 140);
    expect(transcode.videoBitrateKbps).toBeLessThan(0.75 * 1_250 - 140);
    expect(moments.at(-1)?.state.stream).toBeUndefined();
    expect(droppingAfter(moments, 28)).toBe(0);
  });

  test('gets a lower transcode if it becomes slower', () => {
    const capacity = (second: number): number => (second < 10 ? 100_000 : second < 40 ? 1_600 : 700);
    const steps = stepsOf(simulate({ ...host, capacity }, 90)).map(({ step }) => step);
    const kbps = steps.flatMap((step) => (step.kind === 'transcode' ? [step.videoBitrateKbps] : []));
    expect(kbps.length).toBe(2);
    expect(kbps[1]).toBeLessThan(560);
  });

  test('gets dropped frames if nothing may be transcoded, and says so until they end', () => {
    const moments = simulate({ ...host, hindrance: 'mode', capacity: slow(1_200, 40) }, 130);
    expect(kinds(moments)).toEqual(['full', 'small-stream', 'frame-drop', 'full']);
    const dropping = moments.find(({ state: { step } }) => step.kind === 'frame-drop')?.state;
    expect(dropping && congestionMessage(dropping, 'passthrough')).toMatch(
      /^The ingest accepts about 1\.2 Mbit\/s, less than the host sends \(2\.9 Mbit\/s\)\. The relay drops frames: spec\.relay\.mode is passthrough/,
    );
  });

  test.each([
    ['one of two seconds', (second: number) => (second >= 10 && second < 12 ? 0 : 100_000)],
    ['one at 90% for five seconds', slow(2_600, 5)],
    ['none', () => 3_200],
  ])('is left alone if the stall is short: %s', (_, capacity) => {
    expect(kinds(simulate({ ...host, capacity }, 60))).toEqual(['full']);
  });

  test('is not tried again and again: each return that fails doubles the quiet time', () => {
    const moments = simulate({ ...host, capacity: slow(1_200, 3_600) }, 1_200);
    const ups = stepsOf(moments).filter(({ step, second }) => step.kind === 'full' && second > 0);
    const gaps = ups.map(({ second }, i) => second - (ups[i - 1]?.second ?? 0)).slice(1);
    expect(gaps.length).toBeGreaterThanOrEqual(2);
    for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(60 * 2 ** (i + 1));
    // After the first time, it is known that there is no small stream.
    expect(kinds(moments).slice(3, 7)).toEqual(['full', 'transcode', 'full', 'transcode']);
  });
});

describe('for any path', () => {
  const paths = fc.record({
    hostKbps: fc.integer({ min: 500, max: 6_000 }),
    smallKbps: fc.option(fc.integer({ min: 50, max: 450 }), { nil: undefined }),
    hindrance: fc.constantFrom(undefined, 'mode' as const, 'cpu' as const),
    maxVideoBitrateKbps: fc.option(fc.integer({ min: 200, max: 8_500 }), { nil: undefined }),
    capacities: fc.array(fc.integer({ min: 100, max: 8_000 }), { minLength: 3, maxLength: 12 }),
  });
  const PART_SECONDS = 25;
  const model = ({ capacities, ...path }: { capacities: number[]; hostKbps: number }): PathModel => ({
    ...path,
    capacity: (second) => capacities[Math.floor(second / PART_SECONDS)] ?? 100_000,
  });

  test('it ends at full quality when the path is good, and never below the floor', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const trouble = path.capacities.length * PART_SECONDS;
        const moments = simulate(model(path), trouble + 600);
        expect(moments.at(-1)?.state).toMatchObject({ step: { kind: 'full' }, stream: undefined });
        const floor = Math.min(MIN_VIDEO_KBPS, path.maxVideoBitrateKbps ?? Infinity);
        for (const { step } of stepsOf(moments)) {
          if (step.kind !== 'transcode') continue;
          expect(step.videoBitrateKbps).toBeGreaterThanOrEqual(floor);
          expect(step.videoBitrateKbps).toBeLessThanOrEqual(path.maxVideoBitrateKbps ?? Infinity);
          expect(path.hindrance).toBeUndefined();
        }
      }),
      { numRuns: 15 },
    );
  });

  test('it steps up at most once a minute, and further down at most every four seconds', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const steps = stepsOf(simulate(model(path), path.capacities.length * PART_SECONDS + 300)).slice(1);
        for (const [i, { second, step }] of steps.entries()) {
          const before = steps[i - 1];
          if (step.kind === 'full')
            expect(second - (before?.second ?? 0)).toBeGreaterThan(QUIET_MS / 1_000 - 0.05);
          else if (before !== undefined) expect(second - before.second).toBeGreaterThan(4 - 0.05);
        }
      }),
      { numRuns: 15 },
    );
  });
});

const input: CongestionInput = {
  publishing: true,
  lagMs: 0,
  gopsDropped: 0,
  acceptedBytes: 0,
  acceptedKbps: 1_200,
  offeredKbps: 2_900,
  hostUid: 7,
  pixels: 1_280 * 720,
  smallStreamUsable: false,
  videoStream: 'high',
  hindrance: undefined,
  encoderFailures: 0,
};
const settings = { quietMs: QUIET_MS, maxVideoBitrateKbps: undefined };
const transcoding: Congestion = {
  ...noCongestion(QUIET_MS),
  step: { kind: 'transcode', videoBitrateKbps: 760 },
  since: 0,
  hostUid: 7,
};

test('an encoder that fails is replaced by dropped frames at once, and not tried again soon', () => {
  const failed = nextCongestion(transcoding, { ...input, encoderFailures: 1 }, settings, 10_000);
  expect(failed).toMatchObject({ step: { kind: 'frame-drop' }, hindrance: 'cpu' });
  expect(congestionMessage(failed, 'passthrough')).toContain('too little CPU to transcode');
  const again = { ...input, encoderFailures: 1, gopsDropped: 1 };
  const dropped = { ...failed, droppedAt: [29_000] };
  expect(nextCongestion(dropped, again, settings, 30_000).step).toEqual({ kind: 'frame-drop' });
  const later = nextCongestion({ ...failed, droppedAt: [619_000] }, again, settings, 620_000);
  expect(later.step).toEqual({ kind: 'transcode', videoBitrateKbps: 760 });
});

test('a session that was cut continues with its step; after a minute without one, nothing is known', () => {
  const cut = nextCongestion(transcoding, { ...input, publishing: false }, settings, 10_000);
  expect(cut.step).toEqual(transcoding.step);
  const away = nextCongestion(cut, { ...input, publishing: false }, settings, 71_000);
  expect(away.step).toEqual({ kind: 'full' });
});

test('another host may have a small stream where the last one had none', () => {
  const known: Congestion = {
    ...noCongestion(QUIET_MS),
    smallStream: 'absent',
    hostUid: 7,
    droppedAt: [19_000],
  };
  const congested = { ...input, smallStreamUsable: true, gopsDropped: 1 };
  expect(nextCongestion(known, congested, settings, 20_000).step.kind).toBe('transcode');
  expect(nextCongestion(known, { ...congested, hostUid: 8 }, settings, 20_000).step.kind).toBe(
    'small-stream',
  );
});

test.each([
  [1_200, 2_900, undefined, 760],
  [2_000, 1_000, undefined, 860],
  [100, 2_900, undefined, 300],
  [4_000, 6_000, 1_180, 1_180],
  [100, 2_900, 200, 200],
])(
  'of %d kbit/s accepted and %d offered with limit %p, video gets %d',
  (acceptedKbps, offeredKbps, max, kbps) => {
    expect(bitrateFor({ acceptedKbps, offeredKbps }, max)).toBe(kbps);
  },
);
