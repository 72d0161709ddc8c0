import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { publish, type RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';
import { fetchPlaylist, fetchText } from '../../support/media/hls-viewer.ts';
import { startOriginProcess, type OriginProcess } from '../../support/origin/origin-process.ts';
import { treeFigures } from '../../support/processes/process-tree.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';
import {
  silentClient,
  slowHeaderClient,
  unfinishedMessagesClient,
  type HostileClient,
} from './hostile-clients.ts';

const exec = promisify(execFile);

const live = (origin: OriginProcess, id: string): Promise<true> =>
  eventually(`${id} is live`, 30, async () => ((await origin.get(id)).live ? true : undefined));
const portOf = (url: string): number => Number(new URL(url).port);
const metric = async (origin: OriginProcess, name: string): Promise<number> => {
  const { text } = await fetchText(`${origin.controlUrl}/metrics`);
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
};
const stillOn = async (publisher: RtmpsPublisher): Promise<boolean> =>
  (await Promise.race([publisher.ended, Promise.resolve(true)])) === true;

/** A viewer who fetches every segment that the playlist lists. */
class Watcher {
  readonly #url: string;
  readonly #seen = new Set<string>();
  readonly #numbers: number[] = [];
  readonly failures: string[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** Sequence numbers of the segments that were fetched. */
  get numbers(): readonly number[] {
    return this.#numbers;
  }

  async look(): Promise<void> {
    const playlist = await fetchPlaylist(this.#url);
    if (playlist === undefined || playlist.discontinuities > 0)
      this.failures.push(playlist?.text ?? 'no playlist');
    for (const [index, uri] of (playlist?.segments ?? []).entries()) {
      if (this.#seen.has(uri)) continue;
      this.#seen.add(uri);
      this.#numbers.push((playlist?.mediaSequence ?? 0) + index);
      const { status } = await fetchText(new URL(uri, this.#url).href);
      if (status !== 200) this.failures.push(`${uri}: ${String(status)}`);
    }
  }
}

/** Lets a viewer follow the playlist until it is stopped. */
function keepLooking(watcher: Watcher): Disposable & { stop(): void; readonly ended: Promise<void> } {
  let stopped = false;
  const stop = (): void => {
    stopped = true;
  };
  const look = async (): Promise<void> => {
    while (!stopped) {
      await watcher.look();
      await observeFor(0.5);
    }
  };
  return { stop, ended: look(), [Symbol.dispose]: stop };
}

describe('clients that are not what they seem', () => {
  /** The chart's limit is 1 GiB, of which media takes up to 512 MiB. */
  const MEMORY_MIB = 150;
  let origin: OriginProcess;
  const hostile: HostileClient[] = [];
  beforeAll(async () => {
    origin = await startOriginProcess({ LIVECHANNEL_ORIGIN_VIEWERS_PER_ADDRESS: '20' });
  }, 60_000);
  afterAll(async () => {
    for (const client of hostile) client[Symbol.dispose]();
    await origin[Symbol.asyncDispose]();
  });

  test('are viewers only if they get the playlist, and only so many for one address', async () => {
    const stream = await origin.put('lc-counted');
    await using _publisher = publish({ ...stream, caFile: origin.caFile });
    await live(origin, 'lc-counted');
    const unknown = stream.playbackUrl.replace(/[0-9a-f]{32}/, '0'.repeat(32));
    for (let viewer = 0; viewer < 5; viewer += 1) {
      const query = `?viewer=${String(viewer)}`;
      for (const method of ['OPTIONS', 'HEAD']) await fetchText(stream.playbackUrl + query, {}, method);
      for (const method of ['OPTIONS', 'GET']) await fetchText(unknown + query, {}, method);
      await fetchText(stream.playbackUrl + query, { range: 'bytes=0-1' });
    }
    const { headers } = await fetchText(`${stream.playbackUrl}?viewer=real`);
    await fetchText(`${stream.playbackUrl}?viewer=cached`, { 'if-none-match': String(headers['etag']) });
    // Messages of nginx arrive in order: when these two are counted, the others have been dropped.
    await eventually('two viewers', 5, async () => (await origin.get('lc-counted')).viewers > 0);
    await eventually('two viewers', 5, async () => (await origin.get('lc-counted')).viewers === 2);
    for (let viewer = 0; viewer < 50; viewer += 1)
      await fetchText(`${stream.playbackUrl}?viewer=many-${String(viewer)}`);
    await eventually('20 viewers', 5, async () => (await origin.get('lc-counted')).viewers === 20);
    await observeFor(0.5);
    expect((await origin.get('lc-counted')).viewers).toBe(20);
  }, 60_000);

  test('200 of them take little memory and no segment of a show on air, and keep no publisher out', async () => {
    const stream = await origin.put('lc-on-air');
    await using publisher = publish({ ...stream, caFile: origin.caFile });
    await live(origin, 'lc-on-air');
    const watcher = new Watcher(stream.playbackUrl);
    const before = treeFigures([origin.pid]).pssMiB;

    const rtmps = portOf(stream.ingestUrl);
    const messages = { streams: 6, messageBytes: 1024 * 1024 };
    using watching = keepLooking(watcher);
    const clients = await Promise.all([
      ...Array.from({ length: 70 }, () => unfinishedMessagesClient(rtmps, messages)),
      ...Array.from({ length: 70 }, (_, index) => silentClient(rtmps, index % 2 === 0)),
      ...Array.from({ length: 60 }, () => slowHeaderClient(portOf(origin.publicUrl))),
    ]);
    hostile.push(...clients);

    const other = await origin.put('lc-beside');
    await using second = publish({ ...other, caFile: origin.caFile });
    let most = 0;
    await eventually(
      'every hostile connection is closed by the origin',
      40,
      async () => {
        most = Math.max(most, treeFigures([origin.pid]).pssMiB - before);
        return clients.every(({ closed }) => closed);
      },
      { everyMs: 500 },
    );
    await live(origin, 'lc-beside');
    await observeFor(2);
    watching.stop();
    await watching.ended;

    expect(most).toBeLessThan(MEMORY_MIB);
    expect(watcher.failures).toEqual([]);
    const [first = 0] = watcher.numbers;
    expect(watcher.numbers).toEqual(watcher.numbers.map((_, index) => first + index));
    expect(watcher.numbers.length).toBeGreaterThan(5);
    expect([await stillOn(publisher), await stillOn(second)]).toEqual([true, true]);
    expect(await metric(origin, 'livechannel_origin_ingest_unpublished_connections')).toBe(0);
    expect(await metric(origin, 'livechannel_origin_ingest_refusals_total{reason="late"}')).toBeGreaterThan(
      70,
    );
  }, 120_000);
});

test('a publisher that takes more than it may is disconnected, and the log and a metric say why', async () => {
  // Every packager needs more.
  await using small = await startOriginProcess({ LIVECHANNEL_ORIGIN_PACKAGER_MEMORY_MIB: '16' });
  await using slow = await startOriginProcess({ LIVECHANNEL_ORIGIN_MAX_BITRATE_KBPS: '200' });
  const withoutKeyframes = await oneKeyframe(slow);
  await Promise.all([
    expectCut(small, 'lc-large', 'packager-memory'),
    expectCut(slow, 'lc-fast', 'bitrate'),
    expectCut(slow, 'lc-without-keyframes', 'no-keyframe', withoutKeyframes),
  ]);
}, 120_000);

async function expectCut(
  origin: OriginProcess,
  id: string,
  reason: string,
  h264File?: string,
): Promise<void> {
  const stream = await origin.put(id);
  const source = h264File === undefined ? {} : { h264File };
  await using publisher = publish({ ...stream, caFile: origin.caFile, ...source });
  await publisher.ended;
  const about = origin
    .log()
    .split('\n')
    .filter((line) => line.includes(`"stream":"${id}"`));
  expect(about.join('\n')).toContain(`"reason":"${reason}"`);
  const name = `livechannel_origin_publishers_cut_total{reason="${reason}"}`;
  expect(await metric(origin, name)).toBe(1);
}

/** Raw H.264 with one keyframe, at its start. */
async function oneKeyframe({ folder }: OriginProcess): Promise<string> {
  const file = join(folder, 'one-keyframe.h264');
  await exec('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-t', '60'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1'],
    ...['-g', '9999', '-sc_threshold', '0', '-pix_fmt', 'yuv420p', '-b:v', '60k', '-maxrate', '60k'],
    ...['-bufsize', '60k', '-f', 'h264', file],
  ]);
  return file;
}

test('the largest keyframes that a relay encodes, of 1080p at 20 Mbit/s, are accepted', async () => {
  await using origin = await startOriginProcess();
  const file = join(origin.folder, 'large-keyframes.h264');
  // As the relay encodes (src/relay/ingest/ffmpeg.ts), from noise, which cannot be compressed.
  await exec('ffmpeg', [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'color=gray:size=1920x1080:rate=25,noise=alls=100:allf=t',
      '-t',
      '2',
    ],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '50', '-pix_fmt', 'yuv420p'],
    ...['-b:v', '20000k', '-maxrate', '20000k', '-bufsize', '20000k', '-f', 'h264', file],
  ]);
  const { stdout } = await exec('ffprobe', [
    ...['-v', 'error', '-show_entries', 'packet=size', '-of', 'csv=p=0', file],
  ]);
  const largest = Math.max(...stdout.split('\n').map((line) => Number.parseInt(line, 10) || 0));
  expect(largest).toBeGreaterThan(512 * 1024);
  // The same two seconds again and again, for a packager that starts late.
  const clip = await readFile(file);
  await writeFile(file, Buffer.concat(Array.from({ length: 10 }, () => clip)));
  const stream = await origin.put('lc-large-keyframes');
  await using publisher = publish({ ...stream, caFile: origin.caFile, h264File: file });
  await live(origin, 'lc-large-keyframes');
  expect(await stillOn(publisher)).toBe(true);
}, 120_000);
