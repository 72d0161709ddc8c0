import { describe, expect, test } from '@jest/globals';
import type { PlanSettings } from '../../../../src/relay/choose-plan.ts';
import { limitedPlan, reencodePlan } from '../../../../src/relay/congestion/congestion-plan.ts';
import { congestionInput, type CongestionFacts } from '../../../../src/relay/congestion/observe.ts';
import type { TranscodePlan } from '../../../../src/relay/ingest/session-plan.ts';
import { allWell, h264, hostMedia, joined, passOn, publishing, wellOff } from '../examples.ts';

const settings: PlanSettings = {
  mode: 'auto',
  maxHeight: 1_080,
  maxVideoBitrateKbps: 8_500,
  keyframeSeconds: 2,
  sizeChange: 'new-session',
  constantBitrate: true,
};
const step = { kind: 'transcode', videoBitrateKbps: 760 } as const;
const transcoded: TranscodePlan = {
  mode: 'transcode',
  ...{ width: 1_280, height: 720, frameRate: 30, videoBitrateKbps: 3_000, keyframeSeconds: 2 },
  constantBitrate: true,
};
const passedOn = { media: hostMedia, ingest: publishing, plan: passOn.plan };

describe('an encoder for a slow ingest', () => {
  test("has the host's size and the bitrate of the step", () => {
    expect(reencodePlan(settings, passedOn, step, undefined)).toEqual({
      ...transcoded,
      videoBitrateKbps: 760,
    });
  });

  test('starts when the backlog has drained, and stays as it is while one of another bitrate is due', () => {
    const behind = { ...passedOn, ingest: { ...publishing, lagMs: 1_400 } };
    expect(reencodePlan(settings, behind, step, undefined)).toBeUndefined();
    expect(reencodePlan(settings, behind, step, transcoded)).toBe(transcoded);
    const between = { ...passedOn, ingest: { ...publishing, phase: 'none' as const, lagMs: 0 } };
    expect(reencodePlan(settings, between, step, undefined)).toBeDefined();
  });

  test('keeps its frame rate, and follows a change of the size', () => {
    const current = reencodePlan(settings, passedOn, step, undefined);
    const slower = { ...passedOn, media: { ...hostMedia, frameRate: 14 } };
    expect(reencodePlan(settings, slower, step, current)).toBe(current);
    const upright = { ...passedOn, media: { ...hostMedia, format: { ...h264, width: 720, height: 1_280 } } };
    expect(reencodePlan(settings, upright, step, current)).toMatchObject({ width: 720, height: 1_280 });
  });

  test('is not used for video that is transcoded anyway: its session gets a lower bitrate', () => {
    const choice = { ...passOn, plan: transcoded };
    expect(reencodePlan(settings, { ...passedOn, plan: transcoded }, step, undefined)).toBeUndefined();
    expect(limitedPlan(choice, step).plan).toEqual({ ...transcoded, videoBitrateKbps: 760 });
    expect(limitedPlan(choice, { kind: 'full' })).toBe(choice);
    expect(limitedPlan(passOn, step)).toBe(passOn);
  });
});

const facts: CongestionFacts = {
  room: joined,
  media: hostMedia,
  ingest: { ...publishing, lagMs: 2_000 },
  resources: wellOff,
  reencoder: allWell.reencoder,
  acceptedBytes: 0,
  acceptedKbps: 1_200,
  inBitrateKbps: 2_560,
  plan: { mode: 'passthrough' },
};
const unconcerned = { stream: undefined };

describe('what congestion is decided from', () => {
  test('lag counts, unless the relay is itself late', () => {
    expect(congestionInput(facts, settings, unconcerned)).toMatchObject({
      lagMs: 2_000,
      hindrance: undefined,
    });
    const late = { ...facts, resources: { ...wellOff, lateMs: 2_000 } };
    expect(congestionInput(late, settings, unconcerned)).toMatchObject({ lagMs: 0, hindrance: 'cpu' });
  });

  test.each([
    ['allowed by default', {}, {}, undefined],
    ['never in mode passthrough', {}, { mode: 'passthrough' }, 'mode'],
    ['not while a CPU limit throttles the relay', { resources: { ...wellOff, throttled: 0.4 } }, {}, 'cpu'],
    [
      'allowed for video that is transcoded anyway',
      { resources: { ...wellOff, throttled: 0.4 }, plan: transcoded },
      {},
      undefined,
    ],
  ] as const)('a transcode is %s', (_, changed, set, hindrance) => {
    const input = congestionInput({ ...facts, ...changed }, { ...settings, ...set }, unconcerned);
    expect(input.hindrance).toBe(hindrance);
  });

  test.each([
    ['usable by default', {}, {}, unconcerned, true],
    ['no help for a transcode', { plan: transcoded }, {}, unconcerned, false],
    [
      'not used where the platform supports no change of the size',
      {},
      { sizeChange: 'transcode' },
      unconcerned,
      false,
    ],
    [
      'not used when it is sent already because of a cap',
      { room: { ...joined, videoStream: 'low' } },
      {},
      unconcerned,
      false,
    ],
    [
      'used while congestion chose it',
      { room: { ...joined, videoStream: 'low' } },
      {},
      { stream: 'low' },
      true,
    ],
  ] as const)('the small stream is %s', (_, changed, set, state, usable) => {
    const input = congestionInput({ ...facts, ...changed }, { ...settings, ...set }, state);
    expect(input.smallStreamUsable).toBe(usable);
  });

  test('a transcode offers its own bitrate, and passthrough that of the host', () => {
    expect(congestionInput(facts, settings, unconcerned).offeredKbps).toBe(2_560);
    expect(congestionInput({ ...facts, plan: transcoded }, settings, unconcerned).offeredKbps).toBe(3_140);
  });
});
