import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodedFrame } from '../../../src/relay/frame-protocol.ts';
import { videoCodecs, type MediaPacket, type VideoCodec } from '../../../src/relay/media/packet.ts';
import { Program } from '../../../src/relay/media/program.ts';
import { decoded, matroska, passedOn, pixels } from './decoded.ts';
import { encodedFrames } from './media-source.ts';

const KEYFRAME_INTERVAL_MS = 2_000;
const FRAME_MS = 40;

/** Variants of hosts' encoders: frame order, entropy coding and slices affect what the program inserts. */
const streams = {
  'Baseline, one reference, order type 2': [],
  'Baseline, four slices per frame': ['-slices', '4'],
  'CAVLC, three references, order type 0': [
    ...['-profile:v', 'main', '-x264-params'],
    'repeat-headers=1:cabac=0:weightp=0:bframes=1:b-adapt=1:b-bias=-100:ref=3',
  ],
  'CABAC, order type 0': [
    ...['-profile:v', 'main', '-x264-params'],
    'repeat-headers=1:cabac=1:weightp=0:bframes=1:b-adapt=1:b-bias=-100:ref=3',
  ],
  'High, CABAC, two slices per frame, order type 2': [
    ...['-profile:v', 'high', '-preset', 'fast', '-x264-params'],
    'repeat-headers=1:bframes=0:weightp=0:slices=2',
  ],
  'High, weighted prediction': [
    ...['-profile:v', 'high', '-preset', 'medium', '-bf', '0', '-x264-params', 'repeat-headers=1:weightp=2'],
  ],
} as const;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'program-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

async function pictures(
  seconds: number,
  options: { codec?: VideoCodec; encoderOptions?: readonly string[] } = {},
): Promise<EncodedFrame[]> {
  const file = join(directory, 'source');
  const all = await encodedFrames({ file, width: 326, height: 182, seconds, ...options });
  return all.map(({ frame }) => frame).filter(({ kind }) => kind === 'video');
}

interface Run {
  readonly packets: MediaPacket[];
  /** The host's frame number of each sent frame, in order; none for an inserted one. */
  readonly shown: (number | undefined)[];
  readonly asked: number;
}

/**
 * Sends a host's frames every 40 ms and lets time pass without frames: `pauses` has the milliseconds before a frame.
 * Frames in `lost` never arrive.
 */
function play(
  frames: readonly EncodedFrame[],
  { pauses = {}, lost = [] }: { pauses?: Readonly<Record<number, number>>; lost?: readonly number[] },
): Run {
  let asked = 0;
  const program = new Program({ keyframeIntervalMs: KEYFRAME_INTERVAL_MS, onKeyframeWanted: () => asked++ });
  const packets: MediaPacket[] = [];
  const shown: (number | undefined)[] = [];
  let nowMs = 5_000;
  let tickMs = nowMs;
  const pass = (ms: number): void => {
    for (nowMs += ms; tickMs <= nowMs; tickMs += 100) {
      const due = program.tick(tickMs);
      packets.push(...due);
      for (const { kind } of due) if (kind === 'video') shown.push(undefined);
    }
  };
  frames.forEach((frame, i) => {
    pass(FRAME_MS + (pauses[i] ?? 0));
    if (lost.includes(i)) return;
    const own = program.push({ ...frame, rtpTimestamp: Math.round(nowMs * 90) }, nowMs);
    packets.push(...own);
    if (own.length > 0) shown.push(i);
  });
  return { packets, shown, asked };
}

const isVideo = ({ kind }: MediaPacket): boolean => kind === 'video';

describe('the published frames', () => {
  describe.each(Object.entries(streams))('from a host that sends %s', (name, encoderOptions) => {
    /** 12 s with a short pause, one lost frame, and five seconds without frames. */
    const PAUSE_AT = 60;
    const LOST = 130;
    const AWAY_AT = 210;
    let original: string[];
    let run: Run;
    let seen: Awaited<ReturnType<typeof decoded>>;

    beforeAll(async () => {
      const frames = await pictures(12, { encoderOptions });
      original = (await decoded(matroska(play(frames, {}).packets))).pictures.map(({ checksum }) => checksum);
      expect(original).toHaveLength(frames.length);
      run = play(frames, { pauses: { [PAUSE_AT]: 700, [AWAY_AT]: 5_000 }, lost: [LOST] });
      const { output, log } = await passedOn(matroska(run.packets));
      expect(log).toBe('');
      seen = await decoded(output);
    }, 60_000);

    test('are decoded completely and without errors', () => {
      expect(seen.log).toBe('');
      expect(seen.pictures).toHaveLength(run.packets.filter(isVideo).length);
    });

    test("are the host's frames, pixel for pixel", () => {
      const wrong = run.shown.filter(
        (i, at) => i !== undefined && seen.pictures[at]?.checksum !== original[i],
      );
      expect(wrong).toEqual([]);
      expect(run.shown).toEqual(expect.arrayContaining([PAUSE_AT, PAUSE_AT + 1, LOST - 1, AWAY_AT - 1]));
    });

    test('repeat the last frame or the last keyframe where one is missing', () => {
      let last = -1;
      run.shown.forEach((i, at) => {
        if (i !== undefined) last = i;
        else {
          const key = last - (last % 25);
          expect([original[last], original[key]]).toContain(seen.pictures[at]?.checksum);
        }
      });
    });

    test('skip those after a lost frame until the requested keyframe', () => {
      expect(run.shown).not.toEqual(expect.arrayContaining([LOST + 1]));
      expect(run.shown).toEqual(expect.arrayContaining([150, 151]));
      expect(run.asked).toBeGreaterThan(0);
    });

    test("contain keyframes at the interval while the host is away, and continue with the host's own", () => {
      const video = run.packets.filter(isVideo);
      const begin = run.shown.indexOf(AWAY_AT - 1);
      const end = run.shown.indexOf(225);
      const held = video.slice(begin + 1, end);
      expect(held.every((packet) => packet.held)).toBe(true);
      const keys = video.slice(0, end + 1).filter(({ format }) => format !== undefined);
      const gaps = keys.map(({ timeMs }, i) => timeMs - (keys[i - 1]?.timeMs ?? timeMs));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(KEYFRAME_INTERVAL_MS + 200);
      expect(held.filter(({ format }) => format !== undefined).length).toBeGreaterThanOrEqual(2);
    });

    test('include two consecutive keyframes as distinct ones', () => {
      const keys = run.packets.filter(({ format }) => format !== undefined);
      keys.forEach(({ data, held }, i) => {
        if (held) expect(Buffer.from(data).equals(Buffer.from(keys[i - 1]?.data ?? []))).toBe(false);
      });
    });

    if (name.includes('CAVLC') || name.includes('Baseline')) {
      test('repeat a held frame five times per second', () => {
        const begin = run.shown.indexOf(AWAY_AT - 1) + 2;
        const held = seen.pictures.slice(begin, run.shown.indexOf(225));
        expect(held.length).toBeGreaterThan(18);
        const small = run.packets.filter((p) => isVideo(p) && p.held && p.format === undefined);
        for (const { data } of small) expect(data.length).toBeLessThan(20);
      });
    }
  });

  test('bridge a pause of the host below one second, after which its next frame can be decoded', async () => {
    const frames = await pictures(2);
    const run = play(frames, { pauses: { 30: 700 } });
    expect(run.asked).toBe(0);
    expect(run.shown.filter((i) => i === undefined)).toHaveLength(1);
    expect(run.shown.filter((i) => i !== undefined)).toHaveLength(frames.length);
  });

  test('show black for a host without video, which FFmpeg decodes', async () => {
    const program = new Program({
      keyframeIntervalMs: KEYFRAME_INTERVAL_MS,
      onKeyframeWanted: () => undefined,
    });
    const packets: MediaPacket[] = [];
    const sound = {
      kind: 'audio',
      key: false,
      receiver: 1,
      ssrc: 1,
      ageMs: 0,
      mimeType: 'audio/opus',
    } as const;
    for (let ms = 1_000; ms < 9_000; ms += 20) {
      const data = Uint8Array.of(0xfc, 0xff, 0xfe);
      packets.push(...program.push({ ...sound, rtpTimestamp: ms * 48, width: 0, height: 0, data }, ms));
      if (ms % 100 === 0) packets.push(...program.tick(ms));
    }
    const { output } = await passedOn(matroska(packets));
    const { pictures: shown, log } = await decoded(output);
    expect(log).toBe('');
    expect(shown.length).toBeGreaterThan(20);
    expect(new Set(shown.map(({ checksum }) => checksum)).size).toBe(1);
    const plane = 1_280 * 720;
    const picture = await pixels(output);
    expect(picture.length).toBe(plane * 1.5);
    expect([...new Set(picture.subarray(0, plane))]).toEqual([16]);
    expect([...new Set(picture.subarray(plane))]).toEqual([128]);
  });

  test.each(videoCodecs.filter((codec) => codec !== 'h264'))(
    'repeat the last keyframe of %s, which is transcoded, twice per second',
    async (codec) => {
      const frames = await pictures(4, { codec });
      const whole = await decoded(matroska(play(frames, {}).packets));
      expect(whole.pictures).toHaveLength(frames.length);
      const run = play(frames, { pauses: { 60: 3_000 } });
      const { pictures: seen, log } = await decoded(matroska(run.packets));
      expect(log).toBe('');
      expect(seen).toHaveLength(run.packets.filter(isVideo).length);
      run.shown.forEach((i, at) => {
        expect(seen[at]?.checksum).toBe(whole.pictures[i ?? 50]?.checksum);
      });
      expect(run.shown.filter((i) => i === undefined).length).toBeGreaterThanOrEqual(4);
      expect(run.shown).toEqual(expect.arrayContaining([59, 75, 76]));
    },
    60_000,
  );
});
