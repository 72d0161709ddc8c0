import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { SecretText } from '../../../src/base/secret-text.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { IngestKeeper } from '../../../src/relay/ingest/ingest-keeper.ts';
import { parseIngestTarget } from '../../../src/relay/ingest/ingest-target.ts';
import { TakeoverPriority } from '../../../src/relay/ingest/takeover-priority.ts';
import type { MediaPacket } from '../../../src/relay/media/packet.ts';
import { encodedPackets } from './encoded-packets.ts';
import { IngestServer } from '../../support/ingest/ingest-server.ts';
import { readPackets } from './media-source.ts';
import { Toxiproxy } from './toxiproxy.ts';
import { eventually } from '../../support/wait/eventually.ts';

const run = promisify(execFile);
jest.setTimeout(120_000);

let directory: string;
let host: readonly MediaPacket[];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'relay-faults-'));
  host = await encodedPackets({ file: join(directory, 'host.ts'), width: 640, height: 360, seconds: 40 });
});
afterAll(() => rm(directory, { recursive: true }));

/**
 * A session kept up over an ingest behind toxiproxy, with a host who sends in real time. Sessions are opened and cut
 * by the rules of the relay's decision that concern the ingest.
 */
class Stream implements AsyncDisposable {
  readonly #ended = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #grown: number[] = [];
  readonly server: IngestServer;
  readonly proxy: Toxiproxy;
  readonly keeper: IngestKeeper;
  readonly faults: string[] = [];
  encoderPid = 0;

  private constructor(server: IngestServer, proxy: Toxiproxy, ca: string) {
    this.server = server;
    this.proxy = proxy;
    const priority = new TakeoverPriority(join(server.directory, 'priority'), systemClock);
    const url = `rtmps://localhost:${String(proxy.port)}/live/`;
    this.keeper = new IngestKeeper({
      ffmpeg: 'ffmpeg',
      target: () =>
        parseIngestTarget(url, new SecretText(server.streamKey), {
          ca,
          takeover: { type: 'ivs-priority', priority: priority.next(undefined) },
        }),
      clock: systemClock,
      random: Math.random,
      log: pino(
        { level: 'info' },
        {
          write: (line: string) => {
            this.encoderPid = Number(/"ffmpeg":(\d+)/.exec(line)?.[1] ?? this.encoderPid);
          },
        },
      ),
      onFault: ({ message }) => this.faults.push(message),
      onChange: () => undefined,
    });
    this.#running = Promise.all([this.#play(), this.#keep(), this.#watch()]);
  }

  static async start(): Promise<Stream> {
    const server = await IngestServer.start();
    const proxy = await Toxiproxy.start(server.port);
    const stream = new Stream(server, proxy, await readFile(server.caFile, 'utf8'));
    await eventually('it publishes', 30, () => stream.keeper.facts.phase === 'publishing');
    await eventually('a group has gone out', 30, () => stream.keeper.acceptedBytes > 200_000);
    return stream;
  }

  async #play(): Promise<void> {
    const begin = performance.now() - (host[0]?.timeMs ?? 0);
    for (const packet of host) {
      const early = packet.timeMs - (performance.now() - begin);
      if (early > 2) await pause(early);
      if (this.#ended.signal.aborted) return;
      this.keeper.write(packet);
    }
  }

  async #keep(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await pause(100);
      const { phase, since, retryAt, encodedAt, acceptedAt, lagMs } = this.keeper.facts;
      const now = systemClock.monotonic();
      const cut = (message: string): void => {
        this.keeper.cut({ reason: 'MediaStalled', message, refused: false });
      };
      if (phase === 'none' && now >= retryAt) this.keeper.open({ mode: 'passthrough' });
      if (phase === 'connecting' && now - since > 5_000) cut('not connected');
      if (phase !== 'publishing') continue;
      if (now - Math.max(encodedAt ?? 0, since) > 2_500) cut('wedged');
      else if (lagMs > 3_500 && now - Math.max(acceptedAt ?? 0, since) > 3_500) cut('swallowed');
      else if (lagMs > 10_000) cut('behind');
    }
  }

  /** Notes when more bytes have arrived at the ingest. */
  async #watch(): Promise<void> {
    let size = 0;
    while (!this.#ended.signal.aborted) {
      await pause(20);
      const files = await Promise.all((await this.server.recordings()).map((file) => stat(file)));
      const now = files.reduce((sum, file) => sum + file.size, 0);
      if (now !== size) this.#grown.push(performance.now());
      size = now;
    }
  }

  /** The longest time in which nothing arrived at the ingest, seconds. */
  get gap(): number {
    return Math.max(...this.#grown.map((at, i) => at - (this.#grown[i - 1] ?? at))) / 1_000;
  }

  get arrivedAt(): number {
    return this.#grown.at(-1) ?? 0;
  }

  async backOnAir(): Promise<void> {
    await eventually('it publishes again', 30, () => {
      const { phase, lagMs } = this.keeper.facts;
      return this.keeper.sessions > 1 && phase === 'publishing' && lagMs < 500;
    });
    const at = performance.now() + 500;
    await eventually('more arrives', 30, () => this.arrivedAt > at);
  }

  /** Ends it properly and gives what has arrived. */
  async end(): Promise<string[]> {
    this.#ended.abort();
    await this.#running;
    await this.keeper.close();
    return this.server.recordings();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await this.proxy[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

/** What FFmpeg has to complain of in a recording when it decodes all of it. */
async function decodingErrors(file: string): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
  return stderr;
}

describe('the ingest hears again soon after', () => {
  test.each([
    ['FFmpeg was killed', 'SIGKILL', 'SIGKILL', 3],
    ['FFmpeg was stopped', 'SIGSTOP', 'wedged', 6],
  ] as const)('%s', async (_, signal, fault, seconds) => {
    await using stream = await Stream.start();
    process.kill(stream.encoderPid, signal);
    await stream.backOnAir();
    expect(stream.faults).toEqual([expect.stringContaining(fault)]);
    expect(stream.gap).toBeLessThan(seconds);
    const recordings = await stream.end();
    expect(recordings.length).toBe(2);
    expect(await decodingErrors(recordings[1] ?? '')).toBe('');
  });

  test('the connection was reset', async () => {
    await using stream = await Stream.start();
    await stream.proxy.poison({ type: 'reset_peer', attributes: { timeout: 0 } });
    await eventually('it is noticed', 30, () => stream.faults.length > 0);
    await stream.proxy.heal();
    await stream.backOnAir();
    expect(stream.faults[0]).toContain('connection');
    expect(stream.gap).toBeLessThan(6);
  });

  test('a path that swallowed bytes while TCP saw nothing is back', async () => {
    await using stream = await Stream.start();
    await stream.proxy.poison({ type: 'timeout', attributes: { timeout: 0 } });
    await eventually('it is noticed', 30, () => stream.faults.length > 0);
    expect(stream.faults).toEqual(['swallowed']);
    await stream.proxy.heal();
    await stream.backOnAir();
    const recordings = await stream.end();
    expect(await decodingErrors(recordings.at(-1) ?? '')).toBe('');
  });
});

test('on a path of half the rate, sound is complete and pictures are left out by groups', async () => {
  await using stream = await Stream.start();
  await stream.proxy.poison({ type: 'bandwidth', attributes: { rate: 55 } });
  await eventually('pictures are left out', 30, () => stream.keeper.droppedFrames > 50);
  const after = stream.keeper.droppedFrames;
  await eventually('and again', 60, () => stream.keeper.droppedFrames > after + 50);
  await stream.proxy.heal();
  await eventually('it has caught up', 30, () => stream.keeper.facts.lagMs < 100);
  const caughtUp = stream.keeper.droppedFrames;
  const bytes = stream.keeper.acceptedBytes;
  await eventually('pictures come again', 30, () => stream.keeper.acceptedBytes > bytes + 200_000);
  expect(stream.keeper.droppedFrames).toBeLessThan(caughtUp + 30);

  const recordings = await stream.end();
  expect(stream.faults).toEqual([]);
  expect(recordings.length).toBe(1);
  const [recording = ''] = recordings;
  expect(await decodingErrors(recording)).toBe('');
  const packets = await readPackets(recording);
  const sound = packets.filter(({ kind }) => kind === 'audio').map(({ atMs }) => atMs);
  for (const [i, atMs] of sound.entries()) expect(atMs - (sound[i - 1] ?? atMs)).toBeLessThan(25);
  const pictures = packets.filter(({ kind }) => kind === 'video');
  const begin = pictures[0]?.atMs ?? 0;
  const expected = Math.round(((pictures.at(-1)?.atMs ?? 0) - begin) / 40) + 1;
  expect(expected - pictures.length).toBeGreaterThan(100);
  for (const [i, { atMs, key }] of pictures.entries()) {
    const missing = atMs - (pictures[i - 1]?.atMs ?? atMs) > 60;
    if (missing) expect(key).toBe(true);
  }
});
