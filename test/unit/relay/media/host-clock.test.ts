import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { offsets, passages, type Event, type Scene } from './host-on-a-network.ts';

/** ITU-R BT.1359: within these limits few viewers notice an A/V offset. */
const SOUND_EARLY_MS = 45;
const SOUND_LATE_MS = 125;
const GOAL_MS = 40;
/** The time that the first frames may take, because the first keyframe is large and arrives last. */
const SETTLE_MS = 500;

const ms = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const happening = fc.oneof(
  fc.record({ type: fc.constant('stall' as const), ms: ms(50, 3_000), of: fc.constantFrom('both', 'video') }),
  fc.record({ type: fc.constant('route' as const), ms: ms(-150, 250) }),
  fc.record({ type: fc.constant('renew' as const), ms: ms(300, 4_000) }),
  fc.record({
    type: fc.constant('mute' as const),
    ms: ms(500, 6_000),
    of: fc.constantFrom('audio', 'video'),
  }),
);

/** An event every eight seconds. */
const events: fc.Arbitrary<Event[]> = fc
  .array(fc.tuple(happening, ms(0, 2_000)), { maxLength: 4 })
  .map((list) => list.map(([what, later], i) => ({ ...what, at: 6_000 + i * 8_000 + later })));

const ppm = fc.integer({ min: -100, max: 100 });
const scenes = fc.record({
  seconds: fc.constant(40),
  seed: fc.nat(),
  drift: fc.record({ audio: ppm, video: ppm }),
  frameRate: fc.constantFrom(12, 15, 24, 30),
  delayMs: ms(5, 300),
  jitterMs: ms(0, 15),
  events,
});

const noticed = ({ aheadMs }: { readonly aheadMs: number }): boolean =>
  aheadMs > SOUND_EARLY_MS || aheadMs < -SOUND_LATE_MS;

/** Whether a new start of the host or a new route is too recent for any clock to have noticed it. */
const settling = (at: number, { events: all }: Scene): boolean =>
  at < SETTLE_MS ||
  all.some(({ type, at: from, ms: length }) => {
    if (type === 'stall') return false;
    const begin = type === 'route' ? from - 300 : from + length;
    return at >= begin && at < begin + (type === 'route' ? 4_000 : SETTLE_MS);
  });

describe('audio and video of a host', () => {
  test('are in sync at all times, with any clocks and networks', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const all = offsets(passages(scene).passages);
        const settled = all.filter(({ capturedMs }) => !settling(capturedMs, scene));
        expect(settled.length).toBeGreaterThan(50);
        expect(settled.filter(noticed)).toEqual([]);
        const near = all.filter(({ aheadMs }) => Math.abs(aheadMs) <= GOAL_MS);
        expect(near.length / all.length).toBeGreaterThan(0.97);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('are out of sync for a few frames when the network delay changes', () => {
    fc.assert(
      fc.property(scenes, ms(-250, 250), (scene, by) => {
        const route = { ...scene, delayMs: 300, events: [{ type: 'route', at: 10_000, ms: by } as const] };
        const apart = offsets(passages(route).passages).filter(
          (offset) => offset.capturedMs > SETTLE_MS && noticed(offset),
        );
        expect(apart.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  test('are in sync after the first frames of a host', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const begin = offsets(passages({ ...scene, seconds: 3, events: [] }).passages);
        expect(begin.filter(noticed).length).toBeLessThanOrEqual(6);
      }),
      { numRuns: 60 },
    );
  });

  test('have increasing timestamps, and no audio is repeated', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { out } = passages(scene);
        const steps = (kind: 'audio' | 'video'): number[] =>
          out
            .filter((packet) => packet.kind === kind)
            .map(({ timeMs }, i, all) => timeMs - (all[i - 1]?.timeMs ?? -Infinity));
        expect(Math.min(...steps('video'))).toBeGreaterThan(0);
        // Half a packet may overlap: the audio encoder compensates for that.
        expect(Math.min(...steps('audio'))).toBeGreaterThanOrEqual(10);
      }),
      { numRuns: 40 },
    );
  });

  test('have every audio packet, at regular times, without disturbances', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { passages: all } = passages({ ...scene, events: [] });
        const sound = all.filter(({ kind }) => kind === 'audio');
        const missing = sound.filter(({ outMs }) => outMs === undefined);
        expect(missing).toEqual([]);
        const uneven = sound
          .slice(1)
          .map(({ outMs = 0 }, i) => Math.abs(outMs - (sound[i]?.outMs ?? 0) - 20));
        expect(Math.max(...uneven)).toBeLessThan(0.5);
      }),
      { numRuns: 40 },
    );
  });
});
