import { describe, expect, test } from '@jest/globals';
import {
  parseLogLine,
  parsePlaylistRequest,
  parseSegmentDelivery,
  type PlaylistRequest,
  type SegmentDelivery,
} from '../../../src/origin/access-log.ts';

const playlistRequest = (message: string): PlaylistRequest | undefined => {
  const fields = parseLogLine(message);
  return fields === undefined ? undefined : parsePlaylistRequest(fields);
};
const segmentDelivery = (message: string): SegmentDelivery | undefined => {
  const fields = parseLogLine(message);
  return fields === undefined ? undefined : parseSegmentDelivery(fields);
};

const line = (fields: Record<string, string>): string =>
  `<190>Jan  1 00:00:00 hls: ${JSON.stringify({ path: '/hls/0a1b/index.m3u8', method: 'GET', status: '200', viewer: '', address: '10.0.0.1', forwarded: '', agent: 'Player/1', ...fields })}`;

describe('the viewer of a playlist request', () => {
  test('is identified by address and user agent', () => {
    expect(playlistRequest(line({}))).toEqual({
      playbackId: '0a1b',
      viewer: '10.0.0.1 Player/1',
      address: '10.0.0.1',
    });
  });
  test('behind a proxy, is identified by the address that the proxy forwards', () => {
    expect(playlistRequest(line({ forwarded: '203.0.113.9' }))).toMatchObject({
      viewer: '203.0.113.9 Player/1',
      address: '10.0.0.1',
    });
  });
  test('is identified by the session id of the player', () => {
    expect(playlistRequest(line({ viewer: 'abc' }))?.viewer).toBe('abc');
  });
  test('at a signed URL, is identified by the viewer that it was signed for', () => {
    const path = (viewer: string): string => `/signed/1800000000-${viewer}-${'x'.repeat(22)}/0a1b/index.m3u8`;
    const named = { path: path('00ff'), viewer: 'abc' };
    expect(playlistRequest(line(named))).toMatchObject({ playbackId: '0a1b', viewer: '00ff' });
    expect(playlistRequest(line({ ...named, path: path('0') }))?.viewer).toBe('abc');
  });
  test('is none if it is the preview of the seller', () => {
    const signed = `/signed/1800000000-00ff-${'x'.repeat(22)}/0a1b/index.m3u8`;
    expect(playlistRequest(line({ viewer: 'preview' }))).toBeUndefined();
    expect(playlistRequest(line({ viewer: 'preview', path: signed }))).toBeUndefined();
  });
  test('has a bounded length', () => {
    expect(playlistRequest(line({ viewer: 'x'.repeat(1500) }))?.viewer).toHaveLength(256);
  });
});

describe('a segment that was sent', () => {
  const segment = (path: string, fields: Record<string, string> = {}): string =>
    line({ path, bytes: '1200', ...fields });

  test.each([
    ['/hls/0a1b/1/2.m4s'],
    ['/hls/0a1b/1/init.mp4'],
    [`/signed/1800000000-0-${'x'.repeat(22)}/0a1b/1/2.m4s`],
  ])('%s counts for its stream', (path) => {
    expect(segmentDelivery(segment(path))).toEqual({ playbackId: '0a1b', bytes: 1_200 });
  });
  test.each([
    ['a refused request', segment('/hls/0a1b/1/2.m4s', { status: '404' })],
    ['a HEAD request', segment('/hls/0a1b/1/2.m4s', { method: 'HEAD' })],
    ['a playlist', segment('/hls/0a1b/index.m3u8')],
    ['a size that is no number', segment('/hls/0a1b/1/2.m4s', { bytes: 'many' })],
    ['a truncated message', segment('/hls/0a1b/1/2.m4s').slice(0, 60)],
  ])('%s does not', (_what, message) => {
    expect(segmentDelivery(message)).toBeUndefined();
  });
});

describe('other requests are ignored', () => {
  test.each([
    ['a missing playlist', line({ status: '404' })],
    ['a preflight request', line({ method: 'OPTIONS', status: '204' })],
    ['a HEAD request', line({ method: 'HEAD' })],
    ['a part of a playlist', line({ status: '206' })],
    ['a request that was refused because of its address', line({ status: '429' })],
    ['an expired signed URL', line({ status: '410' })],
    ['a segment', line({ path: '/hls/0a1b/1/2.m4s' })],
    ['a truncated message', line({}).slice(0, 60)],
    ['a message that is not a JSON object', '<190>Jan  1 00:00:00 hls: {}'],
    ['noise', 'noise'],
  ])('%s', (_what, message) => {
    expect(playlistRequest(message)).toBeUndefined();
  });
});
