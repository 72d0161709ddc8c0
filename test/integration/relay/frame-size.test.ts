import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { choosePlan, type PlanSettings } from '../../../src/relay/choose-plan.ts';
import type { EncodedFrame } from '../../../src/relay/frame-protocol.ts';
import { reencoderArguments } from '../../../src/relay/ingest/ffmpeg.ts';
import { MediaFlow } from '../../../src/relay/media/media-flow.ts';
import type { MediaPacket, VideoCodec } from '../../../src/relay/media/packet.ts';
import type { Slate } from '../../../src/relay/media/slate.ts';
import { SlateKeeper } from '../../../src/relay/slate-keeper.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { encodedFrames } from './media-source.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'frame-size-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

const settings: PlanSettings = {
  mode: 'auto',
  maxHeight: 1_080,
  maxVideoBitrateKbps: undefined,
  keyframeSeconds: 2,
  sizeChange: 'in-session',
  constantBitrate: false,
};

async function keyframeOf(width: number, height: number, codec: VideoCodec = 'h264'): Promise<EncodedFrame> {
  const file = join(directory, `${codec}-${String(width)}x${String(height)}`);
  const frames = await encodedFrames({ file, width, height, seconds: 0.04, codec });
  const key = frames.find(({ frame }) => frame.key);
  if (key === undefined) throw new Error('There is no keyframe.');
  return key.frame;
}

/** A host's video, from its frames to the plan. */
function flow() {
  const clock = new FakeClock();
  const packets: MediaPacket[] = [];
  const media = new MediaFlow(clock, {
    keyframeIntervalMs: 2_000,
    onPacket: (packet) => packets.push(packet),
    onKeyframeWanted: () => undefined,
  });
  return {
    packets,
    take: async (frame: EncodedFrame): Promise<void> => {
      await clock.advance(2_000);
      media.take({ ...frame, rtpTimestamp: clock.monotonic() * 90 });
    },
    plan: () => choosePlan(settings, media.facts, undefined, clock.monotonic()),
    format: () => media.facts.format,
  };
}

describe("a frame that is larger than any host's", () => {
  test.each<[string, number, number]>([
    ['on its longer side', 16_384, 64],
    ['upright', 64, 8_192],
    ['in pixels, not on either side', 4_096, 2_320],
  ])(
    '%s is not passed on, whatever the page says of its size, and the plan says why',
    async (_, width, height) => {
      const host = flow();
      await host.take(await keyframeOf(640, 360));
      const sent = host.packets.length;
      const large = await keyframeOf(width, height);
      for (const said of [
        { width: 0, height: 0 },
        { width: 640, height: 360 },
      ]) {
        await host.take({ ...large, ...said });
        expect(host.packets.slice(sent)).toEqual([]);
        expect(host.plan()).toMatchObject({ plan: undefined, reason: 'ResolutionTooHigh' });
        expect(host.plan().message).toContain(`${String(width)}x${String(height)} pixels`);
      }
      expect(host.format()).toMatchObject({ width: 640, height: 360 });
      await host.take(await keyframeOf(640, 360));
      expect(host.plan().plan).toEqual({ mode: 'passthrough' });
    },
  );

  test('is not passed on in a codec that is transcoded, if the page says its size', async () => {
    const host = flow();
    await host.take({ ...(await keyframeOf(320, 180, 'vp8')), width: 16_384, height: 1_080 });
    expect(host.packets).toEqual([]);
    expect(host.plan()).toMatchObject({ plan: undefined, reason: 'ResolutionTooHigh' });
  });

  test('is not decoded in a codec whose size only the decoder knows', async () => {
    const file = join(directory, 'large.mkv');
    await encodedFrames({ file, width: 4_096, height: 2_320, seconds: 0.04, codec: 'vp8' });
    const plan = choosePlan({ ...settings, mode: 'transcode' }, flowFacts(), undefined, 0).plan;
    if (plan?.mode !== 'transcode') throw new Error('not a transcode');
    const child = spawn('ffmpeg', reencoderArguments({ plan, skipMs: 0, threads: 1 }), { stdio: 'pipe' });
    let log = '';
    child.stderr.on('data', (text: Buffer) => (log += text.toString()));
    child.stdout.resume();
    child.stdin.on('error', () => undefined);
    child.stdin.end(await readFile(file));
    await new Promise((resolve) => child.once('close', resolve));
    expect(log).toMatch(/4096x2320 exceeds specified max pixel count/);
  });

  test('is handled at 4K, upright as well', async () => {
    for (const [width, height] of [
      [3_840, 2_160],
      [2_160, 3_840],
    ] as const) {
      const host = flow();
      await host.take(await keyframeOf(width, height));
      expect(host.packets).toHaveLength(1);
      expect(host.plan().plan).toMatchObject({ mode: 'transcode' });
    }
  });
});

const flowFacts = () =>
  new MediaFlow(new FakeClock(), {
    keyframeIntervalMs: 2_000,
    onPacket: () => undefined,
    onKeyframeWanted: () => undefined,
  }).facts;

describe('the slate', () => {
  /** FFmpeg that notes when it starts and how many others of it run, and takes its time. */
  async function notingFfmpeg(): Promise<{ binary: string; starts: () => Promise<readonly number[]> }> {
    const binary = join(directory, 'ffmpeg-noting');
    const notes = join(directory, 'notes');
    const running = join(directory, 'running');
    await rm(notes, { force: true });
    await writeFile(
      binary,
      `#!/bin/sh
mkdir -p ${running}
n=0
for pid in ${running}/*; do
  [ -e "$pid" ] || continue
  if kill -0 "$(basename "$pid")" 2>/dev/null; then n=$((n + 1)); else rm -f "$pid"; fi
done
: > ${running}/$$
echo "$n" >> ${notes}
exec ffmpeg "$@"
`,
      { mode: 0o755 },
    );
    const starts = async (): Promise<readonly number[]> => {
      const text = await readFile(notes, 'utf8').catch(() => '');
      return text.split('\n').filter(Boolean).map(Number);
    };
    return { binary, starts };
  }

  async function keeperOf() {
    const file = join(directory, 'slate.png');
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      'color=white:size=800x600',
      '-frames:v',
      '1',
      file,
    ]);
    const clock = new FakeClock();
    const slates: Slate[] = [];
    const { binary, starts } = await notingFfmpeg();
    const keeper = new SlateKeeper({
      ...{ file, clock },
      ffmpeg: binary,
      log: pino({ level: 'silent' }),
      onSlate: (slate) => slates.push(slate),
    });
    return { keeper, clock, slates, starts };
  }

  test('is encoded by one encoder at a time, however often a host changes its size', async () => {
    const { keeper, clock, slates, starts } = await keeperOf();
    // Half a minute of a host with another size in each tick.
    for (let tick = 0; tick < 300; tick += 1) {
      keeper.want({ width: 1_280 + 2 * (tick % 100), height: 720 });
      await clock.advance(100);
      if (tick % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('the slate of the last size', 30, async () => {
      keeper.want({ width: 640, height: 360 });
      await clock.advance(100);
      return slates.at(-1)?.format.width === 640;
    });
    keeper.close();
    const others = await starts();
    expect(Math.max(...others)).toBe(0);
    // 30 s of changes, and one encoder each 5 s at most.
    expect(others.length).toBeLessThanOrEqual(10);
  });

  test('is not encoded in a size that no host has', async () => {
    const { keeper, clock, slates, starts } = await keeperOf();
    for (const size of [
      { width: 16_384, height: 64 },
      { width: 4_096, height: 4_096 },
      { width: 0, height: 0 },
    ])
      keeper.want(size);
    expect(await starts()).toEqual([]);
    await eventually('the slate of a usual size', 30, async () => {
      keeper.want({ width: 640, height: 360 });
      await clock.advance(100);
      return slates.length > 0;
    });
    expect(await starts()).toHaveLength(1);
    keeper.close();
  });
});
