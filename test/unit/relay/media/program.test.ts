import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EncodedFrame } from '../../../../src/relay/frame-protocol.ts';
import { blackFrame } from '../../../../src/relay/media/h264-black.ts';
import { OPUS_SILENCE } from '../../../../src/relay/media/opus.ts';
import type { MediaPacket } from '../../../../src/relay/media/packet.ts';
import { Program } from '../../../../src/relay/media/program.ts';
import { delta, keyframe, sound } from './frames.ts';

const INTERVAL_MS = 2_000;

function onAir(): { program: Program; keyframeRequests: () => number } {
  let keyframeRequests = 0;
  const program = new Program({
    keyframeIntervalMs: INTERVAL_MS,
    onKeyframeWanted: () => keyframeRequests++,
  });
  return { program, keyframeRequests: () => keyframeRequests };
}

/** A frame every 40 ms with a keyframe every second from `from` to `to`, while the clock runs. */
function live(
  program: Program,
  from: number,
  to: number,
  options: Partial<EncodedFrame> = {},
): MediaPacket[] {
  const packets: MediaPacket[] = [];
  for (let ms = from; ms < to; ms += 20) {
    if (ms % 100 === 0) packets.push(...program.tick(ms));
    if (ms % 40 !== 0) continue;
    const n = (ms % 1_000) / 40;
    packets.push(...program.push(n === 0 ? keyframe(ms, options) : delta(ms, n, options), ms));
  }
  return packets;
}

function quiet(program: Program, from: number, to: number): MediaPacket[] {
  const packets: MediaPacket[] = [];
  for (let ms = Math.ceil(from / 100) * 100; ms < to; ms += 100) packets.push(...program.tick(ms));
  return packets;
}

const pictures = (packets: readonly MediaPacket[]): MediaPacket[] =>
  packets.filter(({ kind }) => kind === 'video');
const keys = (packets: readonly MediaPacket[]): number[] =>
  packets.filter(({ format }) => format !== undefined).map(({ timeMs }) => Math.round(timeMs));

describe('before the first frame', () => {
  test('there is no output', () => {
    expect(quiet(onAir().program, 0, 20_000)).toEqual([]);
  });
});

describe('while the host sends', () => {
  test('its frames are the output, unchanged', () => {
    const { program, keyframeRequests } = onAir();
    const out = pictures(live(program, 1_000, 6_000));
    expect(out).toHaveLength(125);
    expect(out.some(({ held }) => held)).toBe(false);
    expect(keyframeRequests()).toBe(0);
    expect(program.heldSince).toBeUndefined();
  });

  test('missing audio is replaced by silence, up to 0.3 s ago', () => {
    const out = live(onAir().program, 1_000, 6_000).filter(({ kind }) => kind === 'audio');
    expect(out.every(({ data }) => data === OPUS_SILENCE)).toBe(true);
    expect(out.at(-1)?.timeMs).toBeGreaterThan(5_500);
    expect(out.at(-1)?.timeMs).toBeLessThan(5_700);
  });
});

describe('while the host is away', () => {
  test('the keyframe is repeated at the interval, and heldSince is set', () => {
    const { program } = onAir();
    live(program, 1_000, 3_480);
    const held = pictures(quiet(program, 3_480, 12_000));
    expect(held.every((packet) => packet.held)).toBe(true);
    expect(keys(held)).toEqual([4_850, 6_850, 8_850, 10_850]);
    expect(program.heldSince).toBe(5_000);
    expect(held.length).toBeGreaterThan(30);
  });

  test('the output of a returning host begins with a keyframe; earlier frames are dropped, and a keyframe is requested', () => {
    const { program, keyframeRequests } = onAir();
    live(program, 1_000, 3_480);
    quiet(program, 3_480, 6_400);
    const back = pictures(live(program, 6_400, 7_960));
    const first = back.findIndex(({ held }) => held !== true);
    expect(back[first]?.format).toBeDefined();
    expect(back[first]?.timeMs).toBeCloseTo(7_000, -1);
    expect(program.leftOut).toBe(15);
    expect(keyframeRequests()).toBe(2);
    expect(program.heldSince).toBeUndefined();
  });

  test('the output of another receiver begins with a keyframe, whatever its clock', () => {
    const { program } = onAir();
    live(program, 1_000, 3_480);
    quiet(program, 3_480, 4_000);
    const out = pictures(live(program, 4_000, 4_040, { receiver: 9, rtpTimestamp: 77 }));
    const first = out.find(({ held }) => held !== true);
    expect(first?.format).toBeDefined();
    expect(first?.timeMs).toBeCloseTo(4_000, -1);
  });

  test('the slate replaces the frame after a second, if it has the same size', () => {
    const { program } = onAir();
    const slate = blackFrame(64, 48);
    program.setSlate({ ...slate, format: { ...slate.format } });
    live(program, 1_000, 3_480);
    expect(keys(quiet(program, 3_480, 4_600))).toEqual([4_350]);
    program.setSlate(blackFrame(640, 480));
    const [own] = quiet(program, 4_600, 4_700).filter(({ format }) => format !== undefined);
    expect(own?.format).toMatchObject({ width: 64, height: 48 });
  });
});

describe('a host with audio only', () => {
  const audioOnly = (program: Program, to: number): MediaPacket[] => {
    const packets: MediaPacket[] = [];
    for (let ms = 1_000; ms < to; ms += 20) {
      packets.push(...program.push(sound(ms), ms));
      if (ms % 100 === 0) packets.push(...program.tick(ms));
    }
    return packets;
  };

  test('is shown as a black frame after some seconds', () => {
    const { program } = onAir();
    expect(pictures(audioOnly(program, 3_900))).toEqual([]);
    const again = onAir().program;
    const out = pictures(audioOnly(again, 9_000));
    expect(keys(out)).toEqual([3_850, 5_850, 7_850]);
    expect(out[0]?.format).toMatchObject({ codec: 'h264', width: 1_280, height: 720 });
    expect(again.heldSince).toBe(4_000);
    expect(again.format).toBeUndefined();
  });

  test('is shown as the slate if there is one', () => {
    const { program } = onAir();
    program.setSlate(blackFrame(640, 480));
    expect(pictures(audioOnly(program, 5_000))[0]?.format).toMatchObject({ width: 640, height: 480 });
  });
});

describe('for any input', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ type: fc.constant('delta' as const), n: fc.nat(15), late: fc.nat(3_000) }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('key' as const), late: fc.nat(3_000) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('sound' as const), late: fc.nat(3_000) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('receiver' as const) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('slate' as const), there: fc.boolean() }) },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    },
  );
  const mimeTypes = fc.constantFrom('video/H264', 'video/VP8', 'video/AV1', '');

  test('timestamps of each kind increase, and video begins with a keyframe', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), mimeTypes, (steps, mimeType) => {
        const { program } = onAir();
        const out: MediaPacket[] = [];
        let nowMs = 10_000;
        let receiver = 1;
        for (const each of steps) {
          const options = { receiver, mimeType };
          if (each.type === 'wait') {
            for (const end = nowMs + each.ms; nowMs < end; nowMs += 100) out.push(...program.tick(nowMs));
          } else if (each.type === 'receiver') receiver++;
          else if (each.type === 'slate') program.setSlate(each.there ? blackFrame(64, 48) : undefined);
          else if (each.type === 'sound') out.push(...program.push(sound(nowMs - each.late), nowMs));
          else if (each.type === 'key')
            out.push(...program.push(keyframe(nowMs - each.late, options), nowMs));
          else out.push(...program.push(delta(nowMs - each.late, each.n, options), nowMs));
        }
        for (const kind of ['video', 'audio'] as const) {
          const times = out.filter((packet) => packet.kind === kind).map(({ timeMs }) => timeMs);
          expect(times.slice(1).filter((timeMs, i) => timeMs < (times[i] ?? 0) + 1)).toEqual([]);
        }
        const [first] = pictures(out);
        if (first !== undefined) expect(first.format).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});
