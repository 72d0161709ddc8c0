import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { publish, type RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';
import { decodeParts, fetchPlaylist, fetchText, type ReadPlaylist } from '../../support/media/hls-viewer.ts';
import { makeDummy } from './dummy-cloud.ts';

describe('real media of a cloud', () => {
  let clouds: Clouds;
  let folder = '';
  let caFile = '';
  const publishers: RtmpsPublisher[] = [];
  let first: RtmpsPublisher;
  let second: RtmpsPublisher;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clouds-test-'));
    clouds = await startClouds({ clouds: { ivs: makeDummy('ivs'), mux: makeDummy('mux') }, media: 'real' });
    caFile = join(folder, 'ca.crt');
    await writeFile(caFile, clouds.certificateAuthority);
    for (const name of ['ivs', 'mux'] as const) clouds.cloud(name).makeForeignStream();
  });
  afterAll(async () => {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
    await clouds[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const keyOf = (name: 'ivs' | 'mux'): string => clouds.cloud(name).streams()[0]?.streamKey ?? '';
  const isLive = (name: 'ivs' | 'mux'): boolean => clouds.cloud(name).streams()[0]?.live === true;
  const push = (name: 'ivs' | 'mux', suffix = '', key = keyOf(name)): RtmpsPublisher => {
    const ingestUrl = `${clouds.media.ingestUrl}/app/`;
    const publisher = publish({ ingestUrl, streamKey: key + suffix, caFile });
    publishers.push(publisher);
    return publisher;
  };
  const url = (name: 'ivs' | 'mux'): string => `${clouds.baseUrl}/${name}/play/x.m3u8`;
  const playlistWith = (segments: number, name: 'ivs' | 'mux' = 'ivs'): Promise<ReadPlaylist> =>
    eventually(`${String(segments)} segments`, 30, async () => {
      const playlist = await fetchPlaylist(url(name));
      return playlist !== undefined && playlist.segments.length >= segments ? playlist : undefined;
    });

  test('refuses a key that nobody has, and plays nothing', async () => {
    const { code } = await push('ivs', '', 'key-guessed').ended;
    expect(code).not.toBe(0);
    expect((await fetchText(url('ivs'))).status).toBe(404);
    expect(isLive('ivs')).toBe(false);
  });

  test('takes what is pushed over RTMPS and plays it as HLS', async () => {
    first = push('ivs', '?priority=1');
    const { segments } = await playlistWith(2);
    expect(isLive('ivs')).toBe(true);
    for (const segment of segments) expect(segment).toMatch(`${clouds.baseUrl}/_media/`);
    const [video, audio] = (await decodeParts(url('ivs')))[0] ?? [];
    expect(video).toMatchObject({ codec: 'h264', width: 320 });
    expect(video?.frames).toBeGreaterThan(75);
    expect(audio?.codec).toBe('aac');
    const { headers } = await fetchText(segments[0] ?? '');
    expect(headers['access-control-allow-origin']).toBe('*');
    expect((await fetchText(`${clouds.baseUrl}/_media/../../etc/passwd`)).status).toBe(404);
  });

  test('admits by the query behind the key, and drops the one that is replaced', async () => {
    const refused = push('ivs', '?priority=1');
    expect((await refused.ended).code).not.toBe(0);
    expect(isLive('ivs')).toBe(true);
    second = push('ivs', '?priority=2');
    await first.ended;
    const { discontinuities } = await eventually('both sessions in one playlist', 30, async () => {
      const playlist = await fetchPlaylist(url('ivs'));
      return playlist !== undefined && playlist.discontinuities > 0 ? playlist : undefined;
    });
    expect(discontinuities).toBe(1);
    expect(isLive('ivs')).toBe(true);
  });

  test('takes two streams at once, each with its own playlist', async () => {
    first = push('mux');
    const other = await playlistWith(1, 'mux');
    expect(other.segments.every((segment) => !segment.includes('undefined'))).toBe(true);
    const mine = await playlistWith(1);
    expect(mine.segments.some((segment) => other.segments.includes(segment))).toBe(false);
    expect([isLive('ivs'), isLive('mux')]).toEqual([true, true]);
  });

  test('cuts off a publisher; it may come back', async () => {
    await fetchText(`${clouds.baseUrl}/ivs/publisher`, {}, 'DELETE');
    await second.ended;
    expect(isLive('ivs')).toBe(false);
    second = push('ivs', '?priority=1');
    await eventually('it is on again', 20, async () => (isLive('ivs') ? true : undefined));
  });

  test('with the ingest of one cloud out of order, the others go on', async () => {
    await clouds.outages.begin('ivs');
    await second.ended;
    expect((await push('ivs').ended).code).not.toBe(0);
    expect([isLive('ivs'), isLive('mux')]).toEqual([false, true]);
    clouds.outages.end('ivs');
    second = push('ivs');
    await eventually('it is on again', 20, async () => (isLive('ivs') ? true : undefined));
  });

  test('a publisher that ends by itself is off at once', async () => {
    await second.stop();
    await eventually('it is off', 5, async () => (isLive('ivs') ? undefined : true));
  });
});
