import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { choosePlan, type PlanSettings } from '../../../src/relay/choose-plan.ts';
import type { PlanChoice } from '../../../src/relay/ingest/session-plan.ts';
import type { MediaFacts } from '../../../src/relay/facts.ts';
import { h264, hostMedia, noMedia, NOW } from './examples.ts';

const settings: PlanSettings = {
  mode: 'auto',
  maxHeight: 1_080,
  maxVideoBitrateKbps: 8_500,
  keyframeSeconds: 2,
  sizeChange: 'new-session',
  constantBitrate: true,
};
const choose = (
  media: Partial<MediaFacts>,
  changed: Partial<PlanSettings> = {},
  before?: PlanChoice,
  now = NOW,
): PlanChoice => choosePlan({ ...settings, ...changed }, { ...hostMedia, ...media }, before, now);

describe('video is passed through', () => {
  test.each<[string, Partial<MediaFacts>, Partial<PlanSettings>]>([
    ['by default', {}, {}],
    ['before anything is known', noMedia, {}],
    ['upright', { format: { ...h264, width: 1_080, height: 1_920 } }, {}],
    ['slightly above the bitrate cap', { videoBitrateKbps: 9_500 }, {}],
    ['after two size changes', { sizeChanges: 2 }, {}],
    ['without keyframes while there are no frames', { keyframeAt: NOW - 60_000, videoAt: NOW - 50_000 }, {}],
    ['with changing sizes if transcoding is disabled', { sizeChanges: 9 }, { mode: 'passthrough' }],
  ])('%s', (_, media, changed) => {
    expect(choose(media, changed).plan).toEqual({ mode: 'passthrough' });
  });
});

describe('video is transcoded', () => {
  test.each<[string, Partial<MediaFacts>, Partial<PlanSettings>, object]>([
    [
      'from another codec',
      { format: { ...h264, codec: 'vp8', parameterSets: undefined } },
      {},
      { width: 1_280, height: 720 },
    ],
    [
      'above the resolution cap',
      {},
      { maxHeight: 480 },
      { width: 854, height: 480, videoBitrateKbps: 1_400 },
    ],
    [
      'above the resolution cap in portrait format',
      { format: { ...h264, width: 1_440, height: 2_560 } },
      {},
      { width: 1_080, height: 1_920 },
    ],
    [
      'above the bitrate cap',
      { videoBitrateKbps: 2_600 },
      { maxVideoBitrateKbps: 2_000 },
      { videoBitrateKbps: 2_000 },
    ],
    [
      'in mode transcode',
      { frameRate: 24.2 },
      { mode: 'transcode' },
      { frameRate: 24, constantBitrate: true },
    ],
    ['when the size keeps changing', { sizeChanges: 3 }, {}, { width: 1_280 }],
    [
      'at the first size change if the platform does not support any',
      { sizeChanges: 1 },
      { sizeChange: 'transcode' },
      { width: 1_280 },
    ],
    ['without keyframes', { keyframeAt: NOW - 6_100 }, {}, { keyframeSeconds: 2 }],
  ])('%s', (_, media, changed, expected) => {
    expect(choose(media, changed).plan).toMatchObject({ mode: 'transcode', ...expected });
  });
});

test('an input that must be transcoded is refused if transcoding is disabled', () => {
  const vp9 = { format: { ...h264, codec: 'vp9' as const, parameterSets: undefined } };
  expect(choose(vp9, { mode: 'passthrough' })).toMatchObject({ plan: undefined, reason: 'CodecUnsupported' });
  expect(choose({}, { mode: 'passthrough', maxHeight: 480 })).toMatchObject({
    plan: undefined,
    reason: 'ResolutionTooHigh',
  });
});

test('a transcode keeps its size and continues for a minute after its cause has ended', () => {
  const first = choose({ sizeChanges: 3 });
  const turned = choose({ sizeChanges: 4, format: { ...h264, width: 720, height: 1_280 } }, {}, first);
  expect(turned.plan).toEqual(first.plan);
  const calm = choose({ videoAt: NOW + 59_000, keyframeAt: NOW + 58_000 }, {}, turned, NOW + 59_000);
  expect(calm.plan).toEqual(first.plan);
  const over = choose({ videoAt: NOW + 61_000, keyframeAt: NOW + 60_000 }, {}, calm, NOW + 61_000);
  expect(over.plan).toEqual({ mode: 'passthrough' });
});

test('for any input, a transcode has even dimensions within the caps', () => {
  const sizes = fc.record({
    width: fc.integer({ min: 16, max: 65_535 }),
    height: fc.integer({ min: 16, max: 65_535 }),
  });
  fc.assert(
    fc.property(
      sizes,
      fc.constantFrom(480, 720, 1_080),
      fc.integer({ min: 100, max: 20_000 }),
      (size, cap, kbps) => {
        const { plan } = choose(
          { format: { ...h264, ...size } },
          { mode: 'transcode', maxHeight: cap, maxVideoBitrateKbps: kbps },
        );
        if (plan?.mode !== 'transcode') throw new Error('not a transcode');
        expect((plan.width % 2) + (plan.height % 2)).toBe(0);
        expect(Math.min(plan.width, plan.height)).toBeLessThanOrEqual(cap);
        expect(Math.max(plan.width, plan.height)).toBeLessThanOrEqual(4_096);
        expect(plan.videoBitrateKbps).toBeLessThanOrEqual(kbps);
      },
    ),
  );
});
