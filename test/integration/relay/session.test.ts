import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { Secret } from '../../../src/api/secret.ts';
import type { IngestFailure } from '../../../src/relay/ingest/ingest-failure.ts';
import { parseIngestTarget } from '../../../src/relay/ingest/ingest-target.ts';
import { IngestSession } from '../../../src/relay/ingest/session.ts';
import { Timeline } from '../../../src/relay/media/timeline.ts';
import { IngestServer } from './ingest-server.ts';
import { encodedFrames, hex, hexNalUnits, lengthPrefixedNalUnits, readPackets } from './media-source.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

let server: IngestServer;
let directory: string;
beforeAll(async () => {
  server = await IngestServer.start();
  directory = await mkdtemp(join(tmpdir(), 'relay-session-'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

type Frames = Awaited<ReturnType<typeof encodedFrames>>;

async function open(change: { key?: string; url?: string; ca?: string } = {}) {
  const ended = Promise.withResolvers<IngestFailure | undefined>();
  const ca = await readFile(change.ca ?? server.caFile, 'utf8');
  const session = await IngestSession.open({
    ffmpeg: 'ffmpeg',
    target: parseIngestTarget(change.url ?? server.url, new Secret(change.key ?? server.streamKey), { ca }),
    log: pino({ level: 'silent' }),
    onEnd: (_, failure) => ended.resolve(failure),
  });
  return { session, ended: ended.promise };
}

/** Sends the frames at three times their speed: nothing in a session may depend on the wall clock. */
async function play(session: IngestSession, frames: Frames, timeline = new Timeline()): Promise<void> {
  const begin = performance.now();
  for (const { atMs, frame } of frames) {
    const early = (atMs - (frames[0]?.atMs ?? 0)) / 3 - (performance.now() - begin);
    if (early > 5) await pause(early);
    for (const packet of timeline.push(frame, atMs)) session.write(packet);
  }
}

describe('a session with a real RTMPS ingest', () => {
  test('delivers every picture bit for bit, in time with the sound', async () => {
    const frames = await encodedFrames({
      file: join(directory, 'a.ts'),
      width: 640,
      height: 360,
      seconds: 4,
    });
    const { session, ended } = await open();
    await play(session, frames);
    expect(session.acceptedBytes).toBeGreaterThan(10_000);
    await session.close();
    expect(await ended).toBeUndefined();

    const [recording = ''] = await server.recordings();
    const packets = await readPackets(recording);
    const sent = frames.filter(({ frame }) => frame.kind === 'video');
    const got = packets.filter(({ kind }) => kind === 'video');
    expect(got.map(({ data }) => [...lengthPrefixedNalUnits(data)].map(hex))).toEqual(
      sent.map(({ frame }) => hexNalUnits(frame.data)),
    );
    const shift = (got[0]?.atMs ?? 0) - (sent[0]?.atMs ?? 0);
    for (const [i, { atMs }] of got.entries())
      expect(Math.abs(atMs - shift - (sent[i]?.atMs ?? 0))).toBeLessThan(3);
    const sound = packets.filter(({ kind }) => kind === 'audio');
    expect(Math.abs((sound.at(-1)?.atMs ?? 0) - (got.at(-1)?.atMs ?? 0))).toBeLessThan(100);
  });

  test('gives a host without sound a silent track', async () => {
    const frames = await encodedFrames({
      file: join(directory, 'b.ts'),
      width: 320,
      height: 180,
      seconds: 3,
    });
    const { session } = await open();
    await play(
      session,
      frames.filter(({ frame }) => frame.kind === 'video'),
    );
    await session.close();
    const packets = await readPackets((await server.recordings()).at(-1) ?? '');
    expect(packets.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(100);
    expect(packets.filter(({ kind }) => kind === 'video').length).toBe(75);
  });

  test('announces a new size with a new sequence header', async () => {
    const small = await encodedFrames({ file: join(directory, 'c.ts'), width: 320, height: 180, seconds: 2 });
    const large = await encodedFrames({ file: join(directory, 'd.ts'), width: 640, height: 360, seconds: 2 });
    const { session } = await open();
    const timeline = new Timeline();
    await play(session, small, timeline);
    await play(
      session,
      large.map(({ atMs, frame }) => ({
        atMs: atMs + 2_000,
        frame: { ...frame, rtpTimestamp: frame.rtpTimestamp + (frame.kind === 'video' ? 180_000 : 96_000) },
      })),
      timeline,
    );
    await session.close();
    expect(sequenceHeaders(await readFile((await server.recordings()).at(-1) ?? ''))).toBe(2);
  });
});

/** How many AVC sequence headers an FLV file holds (FLV specification, E.4.1 and E.4.3). */
function sequenceHeaders(flv: Buffer): number {
  let count = 0;
  for (let at = 13; at + 11 < flv.length;) {
    const size = flv.readUIntBE(at + 1, 3);
    if (flv[at] === 9 && flv[at + 12] === 0) count++;
    at += 11 + size + 4;
  }
  return count;
}

describe('a session that fails says why', () => {
  test('the key is refused', async () => {
    const frames = await encodedFrames({
      file: join(directory, 'e.ts'),
      width: 320,
      height: 180,
      seconds: 2,
    });
    const { session, ended } = await open({ key: 'wrong' });
    await play(session, frames);
    expect(await ended).toMatchObject({ reason: 'IngestRejected', refused: true });
  });

  test('the certificate is of another CA', async () => {
    const { ended } = await open({ ca: server.otherCaFile });
    expect(await ended).toMatchObject({ reason: 'IngestCertificateInvalid' });
  });

  test('the certificate is for another name', async () => {
    const { ended } = await open({ url: `rtmps://127.0.0.1:${String(server.port)}/live/` });
    expect(await ended).toMatchObject({ reason: 'IngestCertificateInvalid' });
  });

  test('nobody listens', async () => {
    const { ended } = await open({ url: 'rtmps://localhost:1/live/' });
    expect(await ended).toMatchObject({
      reason: 'IngestUnreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('FFmpeg is killed', async () => {
    const frames = await encodedFrames({
      file: join(directory, 'f.ts'),
      width: 320,
      height: 180,
      seconds: 2,
    });
    const { session, ended } = await open();
    await play(session, frames);
    await until('it publishes', () => session.publishing);
    process.kill(session.encoderPid, 'SIGKILL');
    expect(await ended).toMatchObject({
      reason: 'EncoderCrashed',
      message: expect.stringContaining('SIGKILL'),
    });
  });
});
