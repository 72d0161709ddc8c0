import { describe, expect, test } from '@jest/globals';
import { complaints } from '../../../support/faults/fault-round.ts';
import type { FaultRow } from '../../../support/faults/fault-rows.ts';
import { verdictOf } from '../../../support/faults/fault-verdict.ts';
import type { Session } from '../../../support/ingest/ingest-tap.ts';
import type { MediaTag } from '../../../support/ingest/media-tag.ts';
import { SentFrames } from '../../../support/host/sent-frames.ts';

const STEP_MS = 100;
const bytes = (index: number): Buffer => Buffer.from(`picture number ${index} of somebody who sends`);

function host(count: number): SentFrames {
  const frames = new SentFrames({ fps: 10, seconds: 1_000 });
  for (let index = 0; index < count; index++) frames.add(index * STEP_MS, bytes(index));
  return frames;
}

function picture(at: number, shows: number, change: Partial<MediaTag> = {}): MediaTag {
  return {
    ...{
      kind: 'video',
      timestamp: at,
      at,
      isHeader: false,
      isKeyframe: shows % 20 === 0,
      payload: bytes(shows),
    },
    ...change,
  };
}

function sound(at: number): MediaTag {
  return { kind: 'audio', timestamp: at, at, isHeader: false, isKeyframe: false, payload: Buffer.alloc(4) };
}

function session(tags: readonly MediaTag[], openedAt = 0): Session {
  const sorted = tags.toSorted((a, b) => a.at - b.at);
  return { openedAt, closedAt: undefined, endedProperly: false, forgotten: false, tags: sorted };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
const live = (from: number, to: number): MediaTag[] =>
  range(from, to).map((index) => picture(index * STEP_MS, index));
const silence = (from: number, to: number): MediaTag[] =>
  range(from, to).map((index) => sound(index * STEP_MS));
const atOnce = { at: 2_000, overAt: 2_000 };

describe('the verdict on a fault', () => {
  test('finds nothing where nothing is missing', () => {
    const verdict = verdictOf([session([...live(0, 60), ...silence(0, 60)])], host(60), atOnce, 5_950);
    expect(verdict).toMatchObject({ silenceMs: 100, liveGapMs: 100, sessions: 0, disorder: [] });
  });

  test('counts the time without media over two sessions', () => {
    const after = session(live(35, 60).with(0, picture(3_500, 20)), 3_400);
    const verdict = verdictOf([session(live(0, 21)), after], host(60), atOnce, 5_950);
    expect(verdict).toMatchObject({ silenceMs: 1_500, sessions: 1, disorder: [] });
    // What came at 3.5 s was the last keyframe again.
    expect(verdict.liveGapMs).toBe(1_600);
  });

  test('does not take a held picture for one of the host', () => {
    const held = range(21, 40).map((index) => picture(index * STEP_MS, 20));
    const verdict = verdictOf([session([...live(0, 21), ...held, ...live(40, 60)])], host(60), atOnce, 5_950);
    expect(verdict).toMatchObject({ silenceMs: 100, liveGapMs: 2_000 });
  });

  test('counts from the end of a cause that lasts', () => {
    const verdict = verdictOf(
      [session(live(0, 21)), session([picture(4_500, 40), ...live(46, 60)], 4_400)],
      host(60),
      { at: 2_000, overAt: 4_000 },
      5_950,
    );
    expect(verdict.silenceMs).toBe(500);
  });

  test('finds what runs backwards, begins without a keyframe or is apart', () => {
    const back = session([...live(0, 30), picture(3_000, 30, { timestamp: 2_500 })]);
    const late = session([...silence(31, 60), picture(5_000, 50, { timestamp: 3_100 })], 3_050);
    const { disorder, audioStepMs } = verdictOf([back, late], host(60), atOnce, 5_950);
    expect(disorder).toEqual([
      'video goes back by 400 ms',
      'a session begins without a keyframe',
      'a picture is more than 1.5 s away from the sound beside it',
    ]);
    expect(audioStepMs).toBe(100);
  });

  test('is held against what the fault may do', () => {
    const row: FaultRow = {
      ...{ name: 'x', silenceMs: 1_000, liveGapMs: 1_500, sameSession: true },
      inflict: () => Promise.resolve(atOnce),
    };
    const good = {
      silenceMs: 900,
      liveGapMs: 1_400,
      sessions: 0,
      audioStepMs: 23,
      videoStepMs: 500,
      disorder: [],
    };
    expect(complaints(row, good)).toEqual([]);
    const bad = {
      ...good,
      silenceMs: 1_100,
      liveGapMs: 1_600,
      sessions: 1,
      audioStepMs: 70,
      disorder: ['a'],
    };
    expect(complaints(row, bad)).toHaveLength(5);
  });
});
