import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { SecretText } from '../../../src/base/secret-text.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { IngestFailure } from '../../../src/relay/ingest/ingest-failure.ts';
import { parseIngestTarget } from '../../../src/relay/ingest/ingest-target.ts';
import { IngestSession } from '../../../src/relay/ingest/session.ts';
import type { MediaPacket } from '../../../src/relay/media/packet.ts';
import { encodedPackets } from './encoded-packets.ts';
import { freePort, IngestServer } from '../../support/ingest/ingest-server.ts';
import { hex, hexNalUnits, lengthPrefixedNalUnits, readPackets } from './media-source.ts';
import { eventually } from '../../support/wait/eventually.ts';

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

async function open(change: { key?: string; url?: string; ca?: string } = {}) {
  const ended = Promise.withResolvers<IngestFailure | undefined>();
  const ca = await readFile(change.ca ?? server.caFile, 'utf8');
  const session = await IngestSession.open({
    ffmpeg: 'ffmpeg',
    target: parseIngestTarget(change.url ?? server.url, new SecretText(change.key ?? server.streamKey), {
      ca,
    }),
    plan: { mode: 'passthrough' },
    skipMs: 0,
    dialLimitMs: 5_000,
    cores: 1,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    onEnd: (_, failure) => ended.resolve(failure),
  });
  return { session, ended: ended.promise };
}

/** Sends the packets at three times their speed: nothing in a session may depend on the wall clock. */
async function play(session: IngestSession, packets: readonly MediaPacket[]): Promise<void> {
  const begin = performance.now();
  for (const packet of packets) {
    const early = (packet.timeMs - (packets[0]?.timeMs ?? 0)) / 3 - (performance.now() - begin);
    if (early > 5) await pause(early);
    session.write(packet);
  }
}

/** Seconds of a host's picture and sound. */
function host(name: string, seconds: number, width = 320, height = 180): Promise<MediaPacket[]> {
  return encodedPackets({ file: join(directory, `${name}.ts`), width, height, seconds });
}

describe('a session with a real RTMPS ingest', () => {
  test('delivers every picture bit for bit, in time with the sound', async () => {
    const packets = await host('a', 4, 640, 360);
    const { session, ended } = await open();
    await play(session, packets);
    expect(session.acceptedBytes).toBeGreaterThan(10_000);
    await session.close();
    expect(await ended).toBeUndefined();

    const [recording = ''] = await server.recordings();
    const arrived = await readPackets(recording);
    const sent = packets.filter(({ kind }) => kind === 'video');
    const got = arrived.filter(({ kind }) => kind === 'video');
    expect(got.map(({ data }) => [...lengthPrefixedNalUnits(data)].map(hex))).toEqual(
      sent.map(({ data }) => hexNalUnits(data)),
    );
    const shift = (got[0]?.atMs ?? 0) - (sent[0]?.timeMs ?? 0);
    for (const [i, { atMs }] of got.entries())
      expect(Math.abs(atMs - shift - (sent[i]?.timeMs ?? 0))).toBeLessThan(3);
    const sound = arrived.filter(({ kind }) => kind === 'audio');
    expect(Math.abs((sound.at(-1)?.atMs ?? 0) - (got.at(-1)?.atMs ?? 0))).toBeLessThan(100);
  });

  test('announces a new size with a new sequence header', async () => {
    const small = await host('c', 2);
    const large = await host('d', 2, 640, 360);
    const { session } = await open();
    await play(session, small);
    await play(
      session,
      large.map((packet) => ({ ...packet, timeMs: packet.timeMs + 2_000 })),
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
    const packets = await host('e', 2);
    const { session, ended } = await open({ key: 'wrong' });
    await play(session, packets);
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
    const packets = await host('f', 2);
    const { session, ended } = await open();
    await play(session, packets);
    await eventually('it publishes', 30, () => session.publishing);
    process.kill(session.encoderPid, 'SIGKILL');
    expect(await ended).toMatchObject({
      reason: 'EncoderCrashed',
      message: expect.stringContaining('SIGKILL'),
    });
  });

  test('the ingest says no and leaves the connection open', async () => {
    const refusing = net
      .createServer((socket) => {
        let bytes = 0;
        let refused = false;
        socket.on('data', (chunk) => {
          bytes += chunk.length;
          if (socket.bytesWritten === 0) socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1_536)]));
          // Its handshake and the beginning of its first command.
          if (bytes <= 1 + 2 * 1_536 || refused) return;
          refused = true;
          socket.write(connectError('NetConnection.Connect.Rejected'));
        });
        socket.on('error', () => socket.destroy());
      })
      .listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    const address = refusing.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on a port');
    const packets = await host('g', 2);
    const { session, ended } = await open({ url: `rtmp://127.0.0.1:${String(address.port)}/live/` });
    await play(session, packets);
    expect(await ended).toMatchObject({
      reason: 'IngestRejected',
      message: expect.stringContaining('NetConnection.Connect.Rejected'),
    });
    refusing.close();
  });
});

/** RTMP's answer to connect that says no: AMF0 on chunk stream 3, in one chunk. */
function connectError(code: string): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(0, value.length), Buffer.from(value)]);
  const string = (value: string): Buffer => Buffer.concat([Buffer.of(2), text(value)]);
  const transaction = Buffer.of(0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0);
  const information = Buffer.concat([
    ...[Buffer.of(3), text('level'), string('error'), text('code'), string(code)],
    ...[text('description'), string('no'), Buffer.of(0, 0, 9)],
  ]);
  const payload = Buffer.concat([string('_error'), transaction, Buffer.of(5), information]);
  return Buffer.concat([Buffer.of(3, 0, 0, 0, 0, 0, payload.length, 20, 0, 0, 0, 0), payload]);
}

test('an ingest that acknowledges nothing has accepted what the kernel has sent', async () => {
  const port = await freePort();
  const listening = ['-listen', '1', '-i', `rtmp://127.0.0.1:${String(port)}/live/key`];
  const ingest = spawn('ffmpeg', ['-v', 'error', ...listening, '-f', 'null', '-'], { stdio: 'ignore' });
  try {
    const packets = await host('h', 6);
    const { session, ended } = await open({ url: `rtmp://127.0.0.1:${String(port)}/live/`, key: 'key' });
    await play(session, packets);
    await eventually('most has been accepted', 30, () => session.acceptedBytes > 300_000);
    expect(session.lagMs).toBeLessThan(1_000);
    await session.close();
    expect(await ended).toBeUndefined();
  } finally {
    ingest.kill('SIGKILL');
  }
});
