/** @jest-environment node */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HealthFacts, SellerChannel } from '../../../../src/web/seller/core/facts.ts';
import {
  health,
  initialHealth,
  type Cause,
  type HealthMemory,
  type HealthView,
} from '../../../../src/web/seller/core/health.ts';
import { causeKeys, type CauseKey } from '../../../../src/web/seller/core/signals.ts';
import { factsAt, onAir, type FactChanges } from '../facts.ts';

/** Reports arrive every 2 s. */
const STEP = 2_000;

/** A show, as time passes. */
class Show {
  memory: HealthMemory = initialHealth;
  now = 0;

  /** For this time, with a report every 2 s. Returns the last view. */
  pass(milliseconds: number, changes: FactChanges = {}): HealthView {
    for (const end = this.now + milliseconds; this.now < end;) {
      this.now += STEP;
      this.memory = health(factsAt(this.now, changes), this.memory);
    }
    return this.memory.view;
  }

  /** A minute of an ordinary show: what is usual is known then. */
  static begun(): Show {
    const show = new Show();
    show.pass(60_000);
    return show;
  }
}

const causesOf = (view: HealthView): readonly Cause[] => ('causes' in view ? view.causes : []);
const condition = (type: string, status: 'True' | 'False', reason: string): Partial<SellerChannel> => ({
  conditions: { ...onAir.conditions, [type]: { status, reason, since: 1 } },
});

test('a show of which all is well is good, and says whether buyers report', () => {
  expect(Show.begun().memory.view).toEqual({ level: 'good', buyersReport: true });
  expect(new Show().pass(STEP, { buyers: undefined })).toEqual({ level: 'good', buyersReport: false });
  expect(new Show().pass(STEP, { uplink: undefined })).toMatchObject({ level: 'good' });
});

describe('signals, with their limits', () => {
  const rows: readonly (readonly [CauseKey, 'fair' | 'poor', FactChanges, number, string])[] = [
    ['upload-loss', 'fair', { uplink: { lossPercent: 2.1 } }, 0, 'yours'],
    ['upload-loss', 'poor', { uplink: { lossPercent: 8.1 } }, 10_000, 'yours'],
    ['agora-loss', 'fair', { media: { lossPercent: 2.1 } }, 0, 'agora'],
    ['agora-loss', 'poor', { media: { lossPercent: 8.1 } }, 10_000, 'agora'],
    ['uplink', 'fair', { uplink: { quality: 3 } }, 0, 'yours'],
    ['uplink', 'fair', { uplink: { quality: 4 } }, 0, 'yours'],
    ['uplink', 'poor', { uplink: { quality: 5 } }, 0, 'yours'],
    ['frame-rate', 'fair', { media: { frameRate: 23 } }, 0, 'yours'],
    ['frame-rate', 'poor', { media: { frameRate: 14 } }, 0, 'yours'],
    ['bitrate', 'fair', { media: { inKbps: 1_200 } }, 0, 'yours'],
    ['bitrate', 'poor', { media: { inKbps: 450 } }, 0, 'yours'],
    ['keyframes', 'fair', { media: { keyframeSeconds: 5.1 } }, 0, 'ours'],
    ['keyframes', 'poor', { media: { keyframeSeconds: 10.1 } }, 0, 'ours'],
    ['sound-offset', 'fair', { media: { soundLateMs: -46 } }, 0, 'ours'],
    ['sound-offset', 'fair', { media: { soundLateMs: 126 } }, 0, 'ours'],
    ['sound-offset', 'poor', { media: { soundLateMs: -501 } }, 0, 'ours'],
    ['sound-offset', 'poor', { media: { soundLateMs: 501 } }, 0, 'ours'],
    ['no-sound', 'fair', { media: { soundLateMs: undefined } }, 10_000, 'yours'],
    ['ingest', 'fair', { media: { lagMs: 1_501 } }, 0, 'ours'],
    ['ingest', 'fair', { media: { congested: true } }, 0, 'ours'],
    ['ingest', 'poor', { media: { lagMs: 5_001 } }, 0, 'ours'],
    ['ingest', 'poor', { media: { lagMs: 5_001, congested: true } }, 0, 'ours'],
    ['old-video', 'fair', { media: { output: 'held' } }, 0, 'ours'],
    ['old-video', 'poor', { media: { output: 'held' } }, 10_000, 'ours'],
    ['relay-starting', 'fair', { channel: { status: 'starting' } }, 0, 'ours'],
    ['relay-starting', 'fair', { channel: { status: 'stopped' } }, 0, 'ours'],
    ['relay-starting', 'poor', { channel: { status: 'starting' } }, 30_000, 'ours'],
    ['relay-error', 'poor', { channel: { status: 'error' } }, 0, 'ours'],
    ['migrating', 'fair', { channel: condition('StreamReady', 'True', 'Migrating') }, 0, 'ours'],
    ['stalls', 'fair', { buyers: { stalledShare: 0.011 } }, 0, 'buyers'],
    ['stalls', 'poor', { buyers: { stalledShare: 0.051 } }, 0, 'buyers'],
    ['delay', 'fair', { buyers: { latencySeconds: 9.1 } }, 0, 'platform'],
    ['delay', 'poor', { buyers: { latencySeconds: 20.1 } }, 0, 'platform'],
  ];
  test.each(rows)('%s is %s with %j after %i ms', (key, level, changes, afterMs, fault) => {
    const show = Show.begun();
    if (afterMs > 0) {
      const early = causesOf(show.pass(afterMs, changes)).find((cause) => cause.key === key);
      expect(early?.level).not.toBe(level);
    }
    // Within one report of 2 s from the time that it takes.
    const view = show.pass(STEP, changes);
    expect(causesOf(view)).toEqual([expect.objectContaining({ key, level, fault })]);
    expect(view.level).toBe(level);
  });

  test('every cause is covered above', () => {
    expect(new Set(rows.map(([key]) => key))).toEqual(new Set(causeKeys));
  });

  test.each<FactChanges>([
    { uplink: { lossPercent: 2, quality: 2 } },
    { media: { lossPercent: 2, lagMs: 1_500, keyframeSeconds: 5, soundLateMs: 125 } },
    { media: { soundLateMs: -45, frameRate: 24, inKbps: 1_250 } },
    { buyers: { stalledShare: 0.01, latencySeconds: 9 } },
    { media: { host: { video: true, audio: false }, soundLateMs: undefined } },
  ])('%j is within the limits', (changes) => {
    expect(Show.begun().pass(30_000, changes).level).toBe('good');
  });

  test.each([
    ['ours', condition('RelayReady', 'False', 'ImagePullFailed')],
    ['agora', condition('RelayReady', 'False', 'AgoraUnreachable')],
    ['platform', condition('StreamReady', 'False', 'QuotaExceeded')],
  ])('an error is %s with %j', (fault, changes) => {
    const view = new Show().pass(STEP, { channel: { status: 'error', ...changes } });
    expect(causesOf(view)).toEqual([expect.objectContaining({ key: 'relay-error', fault })]);
  });

  test('stalls of one or two buyers are their own', () => {
    expect(Show.begun().pass(STEP, { buyers: { stalledShare: 0.5, sessions: 2 } }).level).toBe('good');
  });

  test('what is usual is what the host sent in the last minutes', () => {
    const show = Show.begun();
    // The host changes to a lower resolution: that is no fault once it is usual.
    expect(show.pass(STEP, { media: { inKbps: 900 } })).toMatchObject({ level: 'fair' });
    expect(show.pass(300_000, { media: { inKbps: 900 } }).level).toBe('good');
    expect(show.memory.samples.length).toBeLessThanOrEqual(151);
  });

  test('a cause has the figure and the limit that it passed', () => {
    const [cause] = causesOf(Show.begun().pass(STEP, { media: { frameRate: 12 } }));
    expect(cause?.figures).toEqual({ n: 12, m: 30, limit: 15 });
  });
});

describe('states of their own', () => {
  test.each<[FactChanges, HealthView]>([
    [{ service: 'connecting' }, { level: 'unknown', reason: 'connecting' }],
    [{ channel: undefined }, { level: 'unknown', reason: 'connecting' }],
    [{ service: 'away' }, { level: 'unknown', reason: 'no-connection' }],
    [{ service: 'refused' }, { level: 'unknown', reason: 'refused' }],
    [{ media: undefined }, { level: 'unknown', reason: 'no-report' }],
    [{ media: { at: -100_000 } }, { level: 'unknown', reason: 'no-report' }],
    [{ media: { lagMs: undefined } }, { level: 'unknown', reason: 'partly' }],
    [{ channel: { ended: true } }, { level: 'off', reason: 'ended' }],
    [{ channel: { wanted: false, status: 'stopped' } }, { level: 'off', reason: 'stopped' }],
    [{ channel: { idle: true, status: 'stopped' } }, { level: 'off', reason: 'idle' }],
    [{ channel: { mode: 'agora-only', status: 'stopped' } }, { level: 'off', reason: 'agora-only' }],
    [
      {
        channel: { status: 'starting', ...condition('RelayReady', 'False', 'WaitingForHost') },
        media: { host: undefined, output: 'none' },
      },
      { level: 'away', begun: false, since: undefined },
    ],
    [{ media: { host: undefined, output: 'held' } }, { level: 'away', begun: true, since: undefined }],
    [
      {
        channel: condition('HostPresent', 'False', 'WaitingForHost'),
        media: { host: undefined, output: 'held' },
      },
      { level: 'away', begun: true, since: 1 },
    ],
    [
      { media: { host: { video: false, audio: true }, output: 'held' } },
      { level: 'away', begun: true, since: undefined },
    ],
  ])('%j', (changes, view) => {
    expect(Show.begun().pass(STEP, changes)).toEqual(view);
    expect(new Show().pass(STEP, changes)).toEqual(view);
  });

  test('on Agora alone, a bad upload is still said', () => {
    const changes = { channel: { mode: 'agora-only', status: 'stopped' }, uplink: { quality: 6 } } as const;
    expect(new Show().pass(STEP, changes)).toMatchObject({ level: 'poor', causes: [{ key: 'uplink' }] });
  });

  test('figures of the app that are old or unknown count as none', () => {
    expect(Show.begun().pass(STEP, { uplink: { quality: 6, at: -100_000 } }).level).toBe('good');
    expect(Show.begun().pass(STEP, { uplink: { quality: undefined } }).level).toBe('good');
  });

  test('what is known to be bad is said although something else is unknown', () => {
    const changes = { media: { lagMs: undefined, keyframeSeconds: 12 } };
    expect(Show.begun().pass(STEP, changes).level).toBe('poor');
  });

  test('a cause is dropped at once when its figures are old', () => {
    const show = Show.begun();
    show.pass(STEP, { media: { lagMs: 9_000 } });
    expect(show.pass(STEP, { media: undefined })).toEqual({ level: 'unknown', reason: 'no-report' });
  });
});

describe('time', () => {
  test('a cause is shown for 10 s after it was last seen, with its figures', () => {
    const show = Show.begun();
    show.pass(STEP, { media: { lagMs: 9_000 } });
    const held = show.pass(8_000);
    expect(causesOf(held)).toEqual([expect.objectContaining({ key: 'ingest', figures: { n: 9, limit: 5 } })]);
    expect(show.pass(STEP).level).toBe('good');
  });

  test('from poor it becomes fair before it is good', () => {
    const show = Show.begun();
    show.pass(STEP, { media: { lagMs: 9_000 } });
    expect(show.pass(8_000, { media: { lagMs: 2_000 } }).level).toBe('poor');
    expect(show.pass(STEP, { media: { lagMs: 2_000 } })).toMatchObject({
      level: 'fair',
      causes: [{ figures: { n: 2, limit: 1.5 } }],
    });
    expect(show.pass(10_000).level).toBe('good');
  });

  test('the worst two causes are shown, the worst first', () => {
    const view = Show.begun().pass(STEP, {
      uplink: { lossPercent: 4 },
      media: { lagMs: 9_000, keyframeSeconds: 6 },
    });
    expect(causesOf(view).map(({ key }) => key)).toEqual(['ingest', 'upload-loss']);
  });
});

describe('for any facts', () => {
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined });
  const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
  const media = fc.record({
    output: fc.constantFrom('live', 'held', 'none'),
    host: maybe(fc.record({ video: fc.boolean(), audio: fc.boolean() })),
    inKbps: number(0, 5_000),
    frameRate: number(0, 60),
    keyframeSeconds: maybe(number(0, 20)),
    soundLateMs: maybe(number(-1_000, 1_000)),
    lagMs: maybe(number(0, 10_000)),
    lossPercent: maybe(number(0, 30)),
    congested: fc.boolean(),
  });
  const changes: fc.Arbitrary<FactChanges> = fc.record({
    service: fc.constantFrom('connecting', 'ok', 'ok', 'ok', 'away', 'refused'),
    channel: maybe(
      fc.record({
        status: fc.constantFrom('starting', 'active', 'active', 'active', 'stopped', 'error'),
        wanted: fc.boolean(),
        idle: fc.boolean(),
        ended: fc.boolean(),
        mode: fc.constantFrom('hybrid', 'hls-only', 'agora-only', undefined),
      }),
    ),
    media: maybe(media),
    buyers: maybe(fc.record({ stalledShare: maybe(number(0, 1)), latencySeconds: maybe(number(0, 60)) })),
    uplink: maybe(
      fc.record({ quality: maybe(fc.integer({ min: 1, max: 6 })), lossPercent: maybe(number(0, 30)) }),
    ),
  });
  const story = fc.array(changes, { minLength: 1, maxLength: 30 });

  /** Views of a show in which these facts are reported one after another. */
  function viewsOf(steps: readonly FactChanges[]): { facts: HealthFacts; view: HealthView }[] {
    const show = Show.begun();
    return steps.map((each) => {
      const view = show.pass(STEP, each);
      return { facts: factsAt(show.now, each), view };
    });
  }

  test('it is never good with an unknown input', () => {
    fc.assert(
      fc.property(story, (steps) => {
        for (const { facts, view } of viewsOf(steps)) {
          if (view.level !== 'good') continue;
          const { media: report, channel } = facts;
          expect(facts.service).toBe('ok');
          expect(channel).toMatchObject({ status: 'active', ended: false });
          expect([report?.lagMs, report?.lossPercent, report?.keyframeSeconds]).not.toContain(undefined);
          expect(view.buyersReport).toBe(facts.buyers?.stalledShare !== undefined);
        }
      }),
    );
  });

  test('at most two causes are shown, the worst first, and the level is that of the first', () => {
    fc.assert(
      fc.property(story, (steps) => {
        for (const { view } of viewsOf(steps)) {
          const levels = causesOf(view).map(({ level }) => level);
          expect(levels.length).toBeLessThanOrEqual(2);
          if (levels.length > 0) expect(view.level).toBe(levels[0]);
          expect(levels).not.toEqual(['fair', 'poor']);
        }
      }),
    );
  });

  test('a level holds for 10 s while its source reports, whatever the figures become', () => {
    fc.assert(
      fc.property(media, fc.array(media, { minLength: 4, maxLength: 4 }), (bad, later) => {
        const live = { output: 'live', host: { video: true, audio: true } } as const;
        const show = Show.begun();
        const first = show.pass(STEP, { media: { ...bad, ...live } });
        for (const each of later) {
          const view = show.pass(STEP, { media: { ...each, ...live } });
          if (first.level === 'poor') expect(view.level).toBe('poor');
          if (first.level === 'fair') expect(['fair', 'poor']).toContain(view.level);
        }
      }),
    );
  });

  test('worse figures never make a better level', () => {
    const rank = { good: 0, unknown: 0, away: 0, off: 0, fair: 1, poor: 2 } as const;
    const worse = fc.record({ loss: number(0, 20), lag: number(0, 9_000), rate: number(0, 30) });
    fc.assert(
      fc.property(fc.array(fc.tuple(worse, worse), { minLength: 1, maxLength: 10 }), (pairs) => {
        const [left, right] = [Show.begun(), Show.begun()];
        for (const [base, more] of pairs) {
          const mild = { lossPercent: base.loss, lagMs: base.lag };
          const bad = { lossPercent: base.loss + more.loss, lagMs: base.lag + more.lag };
          const milder = left.pass(STEP, { media: mild, uplink: { lossPercent: base.loss } });
          const badder = right.pass(STEP, { media: bad, uplink: { lossPercent: base.loss + more.loss } });
          expect(rank[badder.level]).toBeGreaterThanOrEqual(rank[milder.level]);
        }
      }),
    );
  });
});
