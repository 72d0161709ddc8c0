import { expect, test } from '@jest/globals';
import {
  isRestarted,
  withPlaylist,
  type PlaylistEvent,
} from '../../../../src/web/player/core/playlist-history.ts';

const playlist = (firstSegment: number, lastSegment: number, level = 0): PlaylistEvent => ({
  type: 'playlist',
  level,
  firstSegment,
  lastSegment,
  targetSeconds: 2,
  ended: false,
});
const before = withPlaylist(undefined, playlist(100, 107), 0);

test.each([
  ['the next segment', playlist(101, 108), 2_000, false],
  ['the same playlist', playlist(100, 107), 2_000, false],
  ['a window that has passed in full, with nothing missing', playlist(108, 115), 16_000, false],
  ['a cache that is two segments old', playlist(98, 105), 2_000, false],
  ['a cache that stays behind', playlist(98, 105), 8_000, true],
  ['segments that are missing', playlist(109, 116), 2_000, true],
  ['numbers that begin at 0 again', playlist(0, 2), 2_000, true],
  ['another level, which has numbers of its own', playlist(0, 7, 1), 2_000, false],
])('%s after %j', (_what, next, now, restarted) => {
  expect(isRestarted(before, next, now)).toBe(restarted);
});

test('a switch of levels is no advance of the stream', () => {
  const other = withPlaylist(before, playlist(5, 12, 1), 4_000);
  expect(other).toMatchObject({ level: 1, lastSegment: 12, advancedAt: 0, readAt: 4_000 });
  expect(withPlaylist(other, playlist(6, 13, 1), 6_000).advancedAt).toBe(6_000);
});

test('a target duration from outside is bounded', () => {
  expect(withPlaylist(undefined, { ...playlist(0, 1), targetSeconds: 1e9 }, 0).targetMs).toBe(30_000);
});
