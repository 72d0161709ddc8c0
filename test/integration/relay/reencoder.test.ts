import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { systemClock } from '../../../src/base/clock.ts';
import { SecretText } from '../../../src/base/secret-text.ts';
import { IngestKeeper } from '../../../src/relay/ingest/ingest-keeper.ts';
import { parseIngestTarget } from '../../../src/relay/ingest/ingest-target.ts';
import { Reencoder } from '../../../src/relay/ingest/reencoder.ts';
import type { TranscodePlan } from '../../../src/relay/ingest/session-plan.ts';
import type { MediaPacket } from '../../../src/relay/media/packet.ts';
import { IngestServer } from '../../support/ingest/ingest-server.ts';
import { encodedPackets } from './encoded-packets.ts';
import { readPackets } from './media-source.ts';
import { decodedWith, soundDelays } from './sound-delays.ts';

jest.setTimeout(120_000);

let server: IngestServer;
let directory: string;
beforeAll(async () => {
  server = await IngestServer.start();
  directory = await mkdtemp(join(tmpdir(), 'relay-reencoder-'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const plan = (videoBitrateKbps: number): TranscodePlan => ({
  mode: 'transcode',
  ...{ width: 640, height: 360, frameRate: 25, videoBitrateKbps, keyframeSeconds: 2, constantBitrate: true },
});

/** A relay's path to the ingest, with a host that sends in real time. `changes`: what happens at which second. */
async function relayed(
  packets: readonly MediaPacket[],
  changes: readonly (readonly [number, (reencoder: Reencoder) => void])[],
  ffmpeg = 'ffmpeg',
): Promise<{ file: string; reencoder: Reencoder }> {
  const ca = await readFile(server.caFile, 'utf8');
  const log = pino({ level: 'silent' });
  const keeper = new IngestKeeper({
    ffmpeg: 'ffmpeg',
    target: () => parseIngestTarget(server.url, new SecretText(server.streamKey), { ca }),
    clock: systemClock,
    random: Math.random,
    log,
    onFault: ({ message }) => {
      throw new Error(message);
    },
    onChange: () => undefined,
  });
  const reencoder = new Reencoder({
    ffmpeg,
    log,
    recent: () => keeper.recent,
    onPacket: (packet) => keeper.write(packet),
  });
  const due = [...changes];
  keeper.open({ mode: 'passthrough' });
  const begin = packets[0]?.timeMs ?? 0;
  const started = performance.now();
  for (const packet of packets) {
    const early = packet.timeMs - begin - (performance.now() - started);
    if (early > 2) await pause(early);
    while (due[0] !== undefined && packet.timeMs - begin >= due[0][0] * 1_000) due.shift()?.[1](reencoder);
    reencoder.write(packet);
  }
  await pause(500);
  reencoder.close();
  await keeper.close();
  return { file: (await server.recordings()).at(-1) ?? '', reencoder };
}

test('the bitrate changes within the session: no frame is missing or repeated, and sound stays in step', async () => {
  const packets = await encodedPackets({
    file: join(directory, 'host.ts'),
    width: 640,
    height: 360,
    seconds: 16,
    videoBitrateKbps: 1_200,
  });
  const { file, reencoder } = await relayed(packets, [
    [3.3, (encoder) => encoder.want(plan(400))],
    [7.7, (encoder) => encoder.want(plan(300))],
    [11.4, (encoder) => encoder.want(undefined)],
  ]);
  expect(reencoder.facts).toEqual({ plan: undefined, failures: 0 });
  expect((await server.recordings()).length).toBe(1);
  const arrived = await readPackets(file);
  const pictures = arrived.filter(({ kind }) => kind === 'video');
  const steps = pictures.slice(1).map(({ atMs }, i) => atMs - (pictures[i]?.atMs ?? 0));
  expect(Math.min(...steps)).toBeGreaterThan(20);
  // One frame may fall between the grids of two encoders.
  expect(Math.max(...steps)).toBeLessThan(90);
  const sound = arrived.filter(({ kind }) => kind === 'audio');
  for (const [i, { atMs }] of sound.entries()) expect(atMs - (sound[i - 1]?.atMs ?? atMs)).toBeLessThan(25);
  const kbps = (from: number, to: number): number =>
    pictures
      .filter(({ atMs }) => atMs >= from * 1_000 && atMs < to * 1_000)
      .reduce((sum, { data }) => sum + data.length * 8, 0) /
    (to - from) /
    1_000;
  expect(kbps(0.5, 3)).toBeGreaterThan(700);
  expect(kbps(4, 7)).toBeGreaterThan(300);
  expect(kbps(4, 7)).toBeLessThan(500);
  expect(kbps(8.5, 11)).toBeLessThan(375);
  const delays = await soundDelays({ file, pictures, sound });
  expect(delays.length).toBeGreaterThan(10);
  for (const delay of delays) expect(Math.abs(delay)).toBeLessThan(60);
});

test('when the encoder fails, the frames of the host follow from its next keyframe on', async () => {
  const packets = await encodedPackets({
    file: join(directory, 'next.ts'),
    width: 640,
    height: 360,
    seconds: 8,
  });
  const { file, reencoder } = await relayed(
    packets,
    [[2.5, (encoder) => encoder.want(plan(400))]],
    '/bin/false',
  );
  expect(reencoder.facts).toEqual({ plan: undefined, failures: 1 });
  const pictures = (await readPackets(file)).filter(({ kind }) => kind === 'video');
  await decodedWith('-i', file, '-f', 'null');
  const gaps = pictures.filter(({ atMs }, i) => atMs - (pictures[i - 1]?.atMs ?? atMs) > 60);
  expect(gaps.length).toBe(1);
  expect(gaps[0]?.key).toBe(true);
  expect((pictures.at(-1)?.atMs ?? 0) - (pictures[0]?.atMs ?? 0)).toBeGreaterThan(7_000);
});
