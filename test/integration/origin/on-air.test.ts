import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/wait/eventually.ts';
import { startOriginProcess, type OriginProcess } from '../../support/origin/origin-process.ts';
import { makeChangingPicture, publish } from '../../support/ingest/rtmps-publisher.ts';
import {
  decode,
  decodeParts,
  decodedSizes,
  fetchPlaylist,
  fetchText,
} from '../../support/media/hls-viewer.ts';

let origin: OriginProcess;
beforeAll(async () => {
  origin = await startOriginProcess();
}, 60_000);
afterAll(async () => {
  await origin[Symbol.asyncDispose]();
});

const live = (id: string) =>
  eventually(`${id} is live`, 30, async () => ((await origin.get(id)).live ? true : undefined));
const playable = (url: string) => eventually('a playlist', 30, () => fetchPlaylist(url));

describe('a live stream', () => {
  test('plays with video and audio, and is reported as live with its bitrate and viewers', async () => {
    const stream = await origin.put('lc-plays');
    expect(stream).toMatchObject({ live: false, liveSince: null, ingestBitrateKbps: 0, viewers: 0 });
    expect(stream.playbackUrl).not.toContain(stream.streamKey);
    expect((await fetchText(stream.playbackUrl)).status).toBe(404);

    await using _publisher = publish({ ...stream, caFile: origin.caFile });
    await playable(stream.playbackUrl);
    const [video, audio] = await decode(stream.playbackUrl);
    expect(video).toMatchObject({ codec: 'h264', width: 320 });
    expect(video?.frames).toBeGreaterThanOrEqual(50);
    expect(audio?.codec).toBe('aac');
    expect(audio?.frames).toBeGreaterThanOrEqual(90);

    const seen = await origin.get('lc-plays');
    expect(seen.live).toBe(true);
    expect(Math.abs(Date.parse(seen.liveSince ?? '') - Date.now())).toBeLessThan(60_000);
    expect(seen.ingestBitrateKbps).toBeGreaterThan(50);
    await fetchText(`${stream.playbackUrl}?viewer=one`);
    await fetchText(`${stream.playbackUrl}?viewer=two`);
    await eventually('both viewers are counted', 5, async () =>
      (await origin.get('lc-plays')).viewers >= 2 ? true : undefined,
    );
    expect(origin.log()).not.toContain(stream.streamKey);
    const { text } = await fetchText(`${origin.controlUrl}/metrics`);
    expect(text).toContain('livechannel_origin_stream_live{stream="lc-plays"} 1');
  }, 60_000);

  test('is off air soon after its publisher has left', async () => {
    await eventually('lc-plays is off air', 10, async () =>
      (await origin.get('lc-plays')).live ? undefined : true,
    );
  }, 20_000);

  test('reports the bytes of the segments that it sent, and nothing for refused requests', async () => {
    const stream = await origin.put('lc-bytes');
    expect(stream.deliveredBytes).toBe(0);
    await using _publisher = publish({ ...stream, caFile: origin.caFile });
    const playlist = await playable(stream.playbackUrl);
    const url = new URL(playlist.segments[0] ?? '', stream.playbackUrl);
    const size = (await (await fetch(url)).arrayBuffer()).byteLength;
    await fetch(url);
    expect((await fetch(new URL('9999.m4s', url))).status).toBe(404);
    await eventually('both deliveries are counted', 5, async () =>
      (await origin.get('lc-bytes')).deliveredBytes === 2 * size ? true : undefined,
    );
    const { text } = await fetchText(`${origin.controlUrl}/metrics`);
    expect(text).toContain(`livechannel_origin_stream_delivered_bytes_total{stream="lc-bytes"} ${2 * size}`);
  }, 60_000);

  test('can be played from any page, and has cache headers that separate changing from immutable files', async () => {
    const stream = await origin.put('lc-headers');
    await using _publisher = publish({ ...stream, caFile: origin.caFile });
    const playlist = await playable(stream.playbackUrl);
    const asked = await fetchText(stream.playbackUrl, { origin: 'https://shop.example' });
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'no-cache',
      'content-type': 'application/vnd.apple.mpegurl',
    });
    const segment = await fetchText(new URL(playlist.segments[0] ?? '', stream.playbackUrl).href);
    expect(segment.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=3600, immutable',
      'content-type': 'video/mp4',
    });
    const preflight = await fetchText(stream.playbackUrl, { origin: 'https://shop.example' }, 'OPTIONS');
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    // Files that FFmpeg keeps beside the segments are not served.
    const list = new URL((playlist.maps[0] ?? '').replace('init.mp4', 'list.m3u8'), stream.playbackUrl);
    expect((await fetchText(list.href)).status).toBe(404);
  }, 60_000);
});

test('plays every frame of a video that changes its size in mid-stream', async () => {
  const stream = await origin.put('lc-changing');
  const h264File = await makeChangingPicture(origin.folder, ['320x180', '480x270'], 4);
  await publish({ ...stream, caFile: origin.caFile, h264File }).ended;
  await eventually('the whole playlist', 20, async () => {
    const playlist = await fetchPlaylist(stream.playbackUrl);
    return playlist && playlist.segments.length >= 4 ? true : undefined;
  });
  expect(await decodedSizes(stream.playbackUrl)).toEqual([{ 320: 100, 480: 100 }]);
}, 60_000);

describe('a publisher', () => {
  test('rejects an unknown key immediately', async () => {
    const stream = await origin.put('lc-unknown');
    const { code, said } = await publish({ ...stream, streamKey: 'f00', caFile: origin.caFile }).ended;
    expect(code).not.toBe(0);
    expect(said).toMatch(/Input\/output error|End of file/);
    expect(origin.log()).not.toContain('f00"');
  }, 30_000);

  test('rejects the playback ID, which is public, as a key', async () => {
    const stream = await origin.put('lc-public');
    const playbackId = new URL(stream.playbackUrl).pathname.split('/')[2] ?? '';
    expect((await publish({ ...stream, streamKey: playbackId, caFile: origin.caFile }).ended).code).not.toBe(
      0,
    );
  }, 30_000);

  test('disconnects the publisher when the key changes, and accepts only the new key', async () => {
    const stream = await origin.put('lc-rotated');
    const publisher = publish({ ...stream, caFile: origin.caFile });
    await live('lc-rotated');
    const rotated = await origin.put('lc-rotated', { keyVersion: 2 });
    expect(rotated.streamKey).not.toBe(stream.streamKey);
    expect(rotated.playbackUrl).toBe(stream.playbackUrl);
    expect((await publisher.ended).code).not.toBe(0);
    expect((await publish({ ...stream, caFile: origin.caFile }).ended).code).not.toBe(0);
    await using _again = publish({ ...rotated, caFile: origin.caFile });
    await live('lc-rotated');
  }, 60_000);

  test('replaces the previous publisher, and players continue over a discontinuity with another frame size', async () => {
    const stream = await origin.put('lc-takeover');
    const first = publish({ ...stream, caFile: origin.caFile });
    await live('lc-takeover');
    const before = await playable(stream.playbackUrl);
    await using _second = publish({ ...stream, caFile: origin.caFile, size: '480x270' });
    expect((await first.ended).code).not.toBe(0);
    const after = await eventually('the playlist advances', 30, async () => {
      const now = await fetchPlaylist(stream.playbackUrl);
      return now && now.discontinuities > 0 ? now : undefined;
    });
    expect(after.discontinuities).toBe(1);
    expect(after.maps).toHaveLength(2);
    expect(after.maps[0]).toBe(before.maps[0]);
    expect(after.mediaSequence).toBe(before.mediaSequence);
    expect((await origin.get('lc-takeover')).liveSince).not.toBeNull();
    const [old, fresh] = await decodeParts(stream.playbackUrl);
    expect(old?.[0]).toMatchObject({ codec: 'h264', width: 320 });
    expect(fresh?.[0]).toMatchObject({ codec: 'h264', width: 480 });
    expect(fresh?.[0]?.frames).toBeGreaterThanOrEqual(50);
    expect(fresh?.[1]?.frames).toBeGreaterThanOrEqual(85);
  }, 60_000);
});

describe('publishers with a priority', () => {
  test('a higher one replaces the present one; a lower or equal one is rejected', async () => {
    const stream = await origin.put('lc-priority');
    const as = (priority: number, size?: string) =>
      publish({
        ...stream,
        streamKey: `${stream.streamKey}?priority=${String(priority)}`,
        caFile: origin.caFile,
        ...(size === undefined ? {} : { size }),
      });
    const first = as(100);
    await live('lc-priority');
    const begun = await playable(stream.playbackUrl);
    await using second = as(110, '480x270');
    expect((await first.ended).code).not.toBe(0);
    expect((await as(101).ended).code).not.toBe(0);
    expect((await as(110).ended).code).not.toBe(0);
    expect(await Promise.race([second.ended, Promise.resolve('still on')])).toBe('still on');
    await eventually('the second session in the playlist', 30, async () => {
      const now = await fetchPlaylist(stream.playbackUrl);
      return now && now.discontinuities > 0 && now.maps.length === 2 ? now : undefined;
    });
    expect(begun.maps).toHaveLength(1);
    const { text } = await fetchText(`${origin.controlUrl}/metrics`);
    expect(text).toMatch(/livechannel_origin_publishes_total{result="outranked"} 2/);
  }, 60_000);

  test('the query behind a key cannot impersonate other fields', async () => {
    const stream = await origin.put('lc-forged');
    const streamKey = `not-a-key?priority=1&name=${stream.streamKey}&clientid=1`;
    expect((await publish({ ...stream, streamKey, caFile: origin.caFile }).ended).code).not.toBe(0);
  }, 60_000);
});

describe('deleting a stream', () => {
  test('disconnects its publisher, rejects its key, removes its files, and can be repeated', async () => {
    const stream = await origin.put('lc-deleted');
    const publisher = publish({ ...stream, caFile: origin.caFile });
    await live('lc-deleted');
    expect((await origin.call('DELETE', '/v1/streams/lc-deleted')).status).toBe(204);
    expect((await fetchText(stream.playbackUrl)).status).toBe(404);
    const playbackId = new URL(stream.playbackUrl).pathname.split('/')[2];
    expect(await readdir(join(origin.hlsFolder, 'public'))).not.toContain(playbackId);
    expect((await publisher.ended).code).not.toBe(0);
    expect((await publish({ ...stream, caFile: origin.caFile }).ended).code).not.toBe(0);
    expect(await origin.call('GET', '/v1/streams/lc-deleted')).toMatchObject({
      status: 404,
      body: { code: 'UnknownStream' },
    });
    expect((await origin.call('DELETE', '/v1/streams/lc-deleted')).status).toBe(204);
  }, 60_000);
});
