import { execFile } from 'node:child_process';
import { copyFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/wait/eventually.ts';
import {
  makeCertificate,
  startOriginProcess,
  type OriginProcess,
} from '../../support/origin/origin-process.ts';
import { publish } from '../../support/ingest/rtmps-publisher.ts';
import { decodeParts, fetchPlaylist, fetchText } from '../../support/media/hls-viewer.ts';

const exec = promisify(execFile);

interface Child {
  readonly pid: number;
  readonly command: string;
}

/** The processes below this one, all the way down. */
async function descendants(pid: number): Promise<Child[]> {
  const { stdout } = await exec('ps', ['-eo', 'pid=,ppid=,args=']);
  const all = stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, own, parent, command]) => ({
      pid: Number(own),
      parent: Number(parent),
      command: command ?? '',
    }));
  const below = (parent: number): Child[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

async function childOf(origin: OriginProcess, what: RegExp): Promise<Child> {
  const child = (await descendants(origin.pid)).find(({ command }) => what.test(command));
  if (!child) throw new Error(`the origin has no child ${String(what)}`);
  return child;
}

const live = (origin: OriginProcess, id: string): Promise<true> =>
  eventually(`${id} to be live`, 30, async () => ((await origin.get(id)).live ? true : undefined));
const discontinued = (url: string) =>
  eventually('the playlist to go on', 30, async () => {
    const playlist = await fetchPlaylist(url);
    return playlist && playlist.discontinuities > 0 ? playlist : undefined;
  });

describe('what the origin runs is started again when it dies', () => {
  let origin: OriginProcess;
  beforeAll(async () => {
    origin = await startOriginProcess();
  }, 60_000);
  afterAll(async () => {
    await origin[Symbol.asyncDispose]();
  });

  test('a packager: the publisher stays on and the playlist goes on', async () => {
    const stream = await origin.put('lc-packager');
    await using publisher = publish({ ...stream, caFile: origin.caFile });
    await live(origin, 'lc-packager');
    process.kill((await childOf(origin, /ffmpeg.*-f hls/)).pid, 'SIGKILL');
    await discontinued(stream.playbackUrl);
    expect(await Promise.race([publisher.ended, Promise.resolve('still on')])).toBe('still on');
    const { text } = await fetchText(`${origin.controlUrl}/metrics`);
    expect(text).toMatch(/livechannel_origin_packager_restarts_total [1-9]/);
  }, 60_000);

  test('a publisher that comes back goes on in the same playlist', async () => {
    const stream = await origin.put('lc-back');
    const first = publish({ ...stream, caFile: origin.caFile });
    await live(origin, 'lc-back');
    await first.stop();
    await using _again = publish({ ...stream, caFile: origin.caFile });
    const playlist = await discontinued(stream.playbackUrl);
    expect(playlist.ended).toBe(false);
    const parts = await decodeParts(stream.playbackUrl);
    expect(parts).toHaveLength(2);
    for (const [video] of parts) expect(video?.frames).toBeGreaterThanOrEqual(50);
  }, 60_000);

  test('a publisher that vanishes while it is let in leaves nothing behind', async () => {
    const stream = await origin.put('lc-vanishes');
    const publisher = publish({ ...stream, caFile: origin.caFile });
    await eventually('it to be accepted', 20, () =>
      Promise.resolve(origin.log().includes('"stream":"lc-vanishes"') || undefined),
    );
    await publisher.stop();
    await eventually('its packager to be gone', 20, async () => {
      const { playbackUrl } = stream;
      const playbackId = new URL(playbackUrl).pathname.split('/')[2] ?? '';
      return (await descendants(origin.pid)).some(({ command }) => command.includes(playbackId))
        ? undefined
        : true;
    });
  }, 60_000);

  test('nginx of the media: publishers can come again', async () => {
    const stream = await origin.put('lc-nginx');
    const publisher = publish({ ...stream, caFile: origin.caFile });
    await live(origin, 'lc-nginx');
    for (const { pid } of (await descendants(origin.pid)).filter(({ command }) =>
      /nginx.*\/media/.test(command),
    ))
      for (const child of [...(await descendants(pid)), { pid }]) process.kill(child.pid, 'SIGKILL');
    expect((await publisher.ended).code).not.toBe(0);
    await eventually('it to be ready', 20, async () =>
      (await origin.call('GET', '/readyz')).status === 200 ? true : undefined,
    );
    await using _again = publish({ ...stream, caFile: origin.caFile });
    await discontinued(stream.playbackUrl);
  }, 60_000);

  test('nginx of the front: viewers are served again', async () => {
    const { pid } = await childOf(origin, /nginx: master.*\/front/);
    for (const child of [...(await descendants(pid)), { pid }]) process.kill(child.pid, 'SIGKILL');
    await eventually('the page to be served', 20, async () =>
      (await fetchText(`${origin.publicUrl}/watch/0a`)).status === 200 ? true : undefined,
    );
    expect(origin.log()).toContain('"process":"front"');
  }, 60_000);

  test('a new certificate is used at once, and publishers that are on stay on', async () => {
    const stream = await origin.put('lc-certificate');
    await using publisher = publish({ ...stream, caFile: origin.caFile });
    await live(origin, 'lc-certificate');
    const next = await makeCertificate(origin.folder, 'next');
    await copyFile(next.key, join(origin.folder, 'tls.key'));
    await copyFile(next.cert, join(origin.folder, 'tls.crt'));
    const ca = await readFile(next.cert, 'utf8');
    const port = Number(new URL(stream.ingestUrl).port);
    await eventually(
      'the new certificate',
      20,
      () =>
        new Promise<true | undefined>((resolve) => {
          const socket = connect({ host: 'localhost', port, ca }, () => {
            socket.destroy();
            resolve(true);
          });
          socket.once('error', () => {
            resolve(undefined);
          });
        }),
    );
    expect(await Promise.race([publisher.ended, Promise.resolve('still on')])).toBe('still on');
    expect((await origin.get('lc-certificate')).live).toBe(true);
  }, 60_000);
});

test('a restart keeps the streams, their keys and their addresses', async () => {
  await using origin = await startOriginProcess();
  const stream = await origin.put('lc-kept', { tags: { a: 'b' } });
  const before = publish({ ...stream, caFile: origin.caFile });
  await live(origin, 'lc-kept');
  const sequence = (await fetchPlaylist(stream.playbackUrl))?.mediaSequence ?? 0;
  const children = await descendants(origin.pid);
  expect(children.length).toBeGreaterThanOrEqual(5);

  const { code, ms } = await origin.terminate();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  const alive = await exec('ps', ['-eo', 'pid=']).then(({ stdout }) => stdout.split('\n').map(Number));
  expect(children.filter(({ pid }) => alive.includes(pid))).toEqual([]);
  await before.ended;

  const again = await origin.restart();
  try {
    expect(await again.get('lc-kept')).toMatchObject({ ...stream, live: false });
    await using _publisher = publish({ ...stream, caFile: origin.caFile });
    await live(again, 'lc-kept');
    // Players that hold the old playlist wait for good if the sequence falls.
    expect((await fetchPlaylist(stream.playbackUrl))?.mediaSequence).toBeGreaterThan(sequence);
  } finally {
    await again.terminate();
  }
}, 90_000);

test('what stays off air is closed for its players, and then removed', async () => {
  await using origin = await startOriginProcess({
    LIVECHANNEL_ORIGIN_RESUME_SECONDS: '2',
    LIVECHANNEL_ORIGIN_MEDIA_RETENTION_SECONDS: '6',
  });
  const stream = await origin.put('lc-over');
  const publisher = publish({ ...stream, caFile: origin.caFile });
  await live(origin, 'lc-over');
  await publisher.stop();
  await eventually('the end of the playlist', 20, async () =>
    (await fetchPlaylist(stream.playbackUrl))?.ended === true ? true : undefined,
  );
  await eventually('the files to be removed', 20, async () =>
    (await readdir(join(origin.hlsFolder, 'public'))).length === 0 ? true : undefined,
  );
  await using _again = publish({ ...stream, caFile: origin.caFile });
  await live(origin, 'lc-over');
}, 90_000);

test('old segments are removed while a stream is on air', async () => {
  await using origin = await startOriginProcess({
    LIVECHANNEL_ORIGIN_PLAYLIST_SEGMENTS: '3',
    LIVECHANNEL_ORIGIN_SEGMENT_SECONDS: '2',
  });
  const stream = await origin.put('lc-long');
  await using _publisher = publish({ ...stream, caFile: origin.caFile });
  const first = await eventually('a playlist', 30, () => fetchPlaylist(stream.playbackUrl));
  const oldest = new URL(first.segments[0] ?? '', stream.playbackUrl).href;
  await eventually('the first segment to leave the list', 30, async () => {
    const now = await fetchPlaylist(stream.playbackUrl);
    return now && now.mediaSequence > first.mediaSequence ? true : undefined;
  });
  // Players with the last playlist in hand may still ask for it.
  expect((await fetchText(oldest)).status).toBe(200);
  await eventually('the first segment to be removed', 40, async () =>
    (await fetchText(oldest)).status === 404 ? true : undefined,
  );
  expect((await fetchPlaylist(stream.playbackUrl))?.segments).toHaveLength(3);
}, 120_000);
