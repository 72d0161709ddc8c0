import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import { SecretText } from '../../../src/base/secret-text.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { IngestKeeper } from '../../../src/relay/ingest/ingest-keeper.ts';
import { parseIngestTarget } from '../../../src/relay/ingest/ingest-target.ts';
import type { SessionPlan } from '../../../src/relay/ingest/session-plan.ts';
import { videoCodecs, type MediaPacket, type VideoCodec } from '../../../src/relay/media/packet.ts';
import { encodedPackets } from './encoded-packets.ts';
import { IngestServer } from '../../support/ingest/ingest-server.ts';
import { readPackets } from './media-source.ts';
import { decodedWith, flashes, soundDelays, type Recording } from './sound-delays.ts';
import { eventually } from '../../support/wait/eventually.ts';

const run = promisify(execFile);
jest.setTimeout(120_000);

let server: IngestServer;
let directory: string;
beforeAll(async () => {
  server = await IngestServer.start();
  directory = await mkdtemp(join(tmpdir(), 'relay-transcode-'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** A different shape, size and frame rate than the host's. */
const plan: SessionPlan = {
  mode: 'transcode',
  ...{ width: 640, height: 480, frameRate: 30, videoBitrateKbps: 900, keyframeSeconds: 2 },
  constantBitrate: true,
};

async function start(): Promise<IngestKeeper> {
  const ca = await readFile(server.caFile, 'utf8');
  return new IngestKeeper({
    ffmpeg: 'ffmpeg',
    target: () => parseIngestTarget(server.url, new SecretText(server.streamKey), { ca }),
    clock: systemClock,
    random: Math.random,
    log: pino({ level: 'silent' }),
    onFault: ({ message }) => {
      throw new Error(message);
    },
    onChange: () => undefined,
  });
}

/** Sends the packets in real time, as they arrive. */
async function play(keeper: IngestKeeper, packets: readonly MediaPacket[]): Promise<void> {
  const begin = performance.now() - (packets[0]?.timeMs ?? 0);
  for (const packet of packets) {
    const early = packet.timeMs - (performance.now() - begin);
    if (early > 2) await pause(early);
    keeper.write(packet);
  }
}

function host(name: string, codec: VideoCodec, seconds: number): Promise<MediaPacket[]> {
  const file = join(directory, `${name}.${codec.startsWith('h') ? 'ts' : 'mkv'}`);
  return encodedPackets({ file, codec, width: 640, height: 360, seconds });
}

async function arrived(): Promise<Recording> {
  const file = (await server.recordings()).at(-1) ?? '';
  const packets = await readPackets(file);
  return {
    file,
    pictures: packets.filter(({ kind }) => kind === 'video'),
    sound: packets.filter(({ kind }) => kind === 'audio'),
  };
}

const streamSchema = z.object({
  streams: z.tuple([
    z.object({
      ...{ codec_name: z.string(), profile: z.string(), pix_fmt: z.string(), color_space: z.string() },
      ...{ width: z.number(), height: z.number(), has_b_frames: z.number() },
    }),
  ]),
});

describe("the ingest receives H.264 with the platform's parameters, whatever the host sends", () => {
  test.each([...videoCodecs])('%s', async (codec) => {
    const packets = await host(codec, codec, 7);
    const keeper = await start();
    keeper.open(plan);
    await play(keeper, packets);
    expect(keeper.facts).toMatchObject({ phase: 'publishing', plan, format: { codec } });
    await keeper.close();

    const got = await arrived();
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v', '-show_streams', '-of', 'json', got.file],
    ]);
    expect(streamSchema.parse(JSON.parse(stdout)).streams[0]).toEqual({
      ...{ codec_name: 'h264', profile: 'Main', pix_fmt: 'yuv420p', color_space: 'bt709' },
      ...{ width: 640, height: 480, has_b_frames: 0 },
    });
    const times = got.pictures.map(({ atMs }) => atMs);
    for (const [i, atMs] of times.entries()) {
      if (i > 0) expect(Math.abs(atMs - (times[i - 1] ?? 0) - 1_000 / 30)).toBeLessThan(2);
    }
    const keys = got.pictures.filter(({ key }) => key).map(({ atMs }) => atMs - (times[0] ?? 0));
    expect(keys.map((atMs) => Math.round(atMs / 100))).toEqual([0, 20, 40, 60]);
    // The bitrate is constant in each second.
    for (let second = 1; second < 6; second++) {
      const inIt = got.pictures.filter(({ atMs }) => Math.floor((atMs - (times[0] ?? 0)) / 1_000) === second);
      const kbps = inIt.reduce((sum, { data }) => sum + data.length * 8, 0) / 1_000;
      expect(kbps).toBeGreaterThan(0.8 * 900);
      expect(kbps).toBeLessThan(1.2 * 900);
    }
    const delays = await soundDelays(got);
    expect(delays.length).toBeGreaterThanOrEqual(5);
    for (const delay of delays) expect(Math.abs(delay)).toBeLessThan(45);
  });
});

test('a frame of another shape gets bars and is not stretched', async () => {
  const { file } = await arrived();
  const bar = await decodedWith(
    ...['-i', file, '-frames:v', '1', '-vf', 'crop=640:50:0:0', '-f', 'rawvideo'],
  );
  expect(Math.max(...bar.subarray(0, 640 * 50))).toBeLessThan(24);
  const edge = await decodedWith(
    ...['-i', file, '-frames:v', '1', '-vf', 'crop=640:2:0:64', '-f', 'rawvideo'],
  );
  expect(Math.min(...edge.subarray(0, 640 * 2))).toBeGreaterThan(200);
});

test('a session that begins within a GOP repeats nothing', async () => {
  const packets = await host('late', 'h264', 6);
  const begin = packets[0]?.timeMs ?? 0;
  const keeper = await start();
  const before = packets.filter(({ timeMs }) => timeMs - begin < 1_800);
  for (const packet of before) keeper.write(packet);
  keeper.open(plan);
  await play(keeper, packets.slice(before.length));
  await keeper.close();

  const got = await arrived();
  const seconds = ((got.pictures.at(-1)?.atMs ?? 0) - (got.pictures[0]?.atMs ?? 0)) / 1_000;
  expect(Math.abs(seconds - 4.2)).toBeLessThan(0.1);
  for (const delay of await soundDelays(got)) expect(Math.abs(delay)).toBeLessThan(45);
});

test('a changed frame size of the host does not change the output', async () => {
  const small = await host('small', 'h264', 3);
  const file = join(directory, 'large.ts');
  const large = await encodedPackets({ file, width: 1_280, height: 720, seconds: 3 });
  const keeper = await start();
  keeper.open(plan);
  await play(keeper, [...small, ...large.map((packet) => ({ ...packet, timeMs: packet.timeMs + 3_000 }))]);
  await eventually('everything has arrived', 30, () => keeper.facts.lagMs === 0);
  await keeper.close();
  const got = await arrived();
  expect(got.pictures.length).toBeGreaterThan(175);
  expect((await flashes(got)).length).toBeGreaterThanOrEqual(5);
});
