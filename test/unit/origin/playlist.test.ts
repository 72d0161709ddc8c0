import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  append,
  collect,
  emptyPlaylist,
  render,
  type Playlist,
  type Segment,
} from '../../../src/origin/playlist.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

function segment(run: number, number: number, seconds = 2): Segment {
  return {
    uri: `${run}/${number}.m4s`,
    mapUri: `${run}/init.mp4`,
    seconds,
    bytes: 1000,
    startedAt: START + number * seconds * 1000,
  };
}

function playlistOf(segments: readonly Segment[], length = 3): Playlist {
  return segments.reduce((playlist, one) => append(playlist, one, length, START), emptyPlaylist(100));
}

describe('the text of a playlist', () => {
  test('contains the init file once, and each segment with its length and time of arrival', () => {
    expect(render(playlistOf([segment(7, 0), segment(7, 1)]), false)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:100
#EXT-X-DISCONTINUITY-SEQUENCE:100
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="7/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXTINF:2.000000,
7/0.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z
#EXTINF:2.000000,
7/1.m4s
`);
  });

  test('marks the start of another run of the packager and contains its init file', () => {
    const text = render(playlistOf([segment(7, 0), segment(8, 0)]), false);
    expect(text).toContain('#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="8/init.mp4"\n');
  });

  test('ends after the broadcast', () => {
    const playlist = playlistOf([segment(7, 0)]);
    expect(render(playlist, true)).toMatch(/#EXT-X-ENDLIST\n$/);
    expect(render(playlist, false)).not.toContain('ENDLIST');
  });
});

test('begins with a small discontinuity sequence, because hls.js counts up to it', () => {
  expect(emptyPlaylist(1_795_379_712)).toMatchObject({
    mediaSequence: 1_795_379_712,
    discontinuitySequence: 712,
  });
});

describe('the window of a playlist', () => {
  test('increases the media sequence when it drops the oldest segment', () => {
    const playlist = playlistOf([0, 1, 2, 3].map((number) => segment(7, number)));
    expect(playlist.mediaSequence).toBe(101);
    expect(playlist.segments.map(({ uri }) => uri)).toEqual(['7/1.m4s', '7/2.m4s', '7/3.m4s']);
  });

  test('increases the discontinuity sequence only when a marked segment is dropped', () => {
    const before = playlistOf([segment(7, 0), segment(8, 0), segment(8, 1), segment(8, 2)]);
    expect(before.discontinuitySequence).toBe(100);
    expect(append(before, segment(8, 3), 3, START).discontinuitySequence).toBe(101);
  });

  test('never lowers the target duration, because players rely on it', () => {
    const playlist = playlistOf([
      segment(7, 0, 4.4),
      segment(7, 1),
      segment(7, 2),
      segment(7, 3),
      segment(7, 4),
    ]);
    expect(playlist.targetSeconds).toBe(4);
  });
});

describe('files that are no longer needed', () => {
  const full = playlistOf([0, 1, 2, 3].map((number) => segment(7, number)));

  test('are kept as long as a player may request them', () => {
    expect(collect(full, START + 7_999).files).toEqual([]);
    expect(collect(full, START + 8_000).files).toEqual(['7/0.m4s']);
  });

  test('are returned once', () => {
    expect(collect(collect(full, START + 8_000).playlist, START + 9_000).files).toEqual([]);
  });

  test('include the init file with the last segment that needs it', () => {
    const moved = playlistOf([segment(7, 0), segment(7, 1), segment(8, 0), segment(8, 1), segment(8, 2)]);
    expect(collect(moved, START + 60_000).files).toEqual(['7/0.m4s', '7/1.m4s', '7/init.mp4']);
  });
});

test('with any sequence of runs, every segment keeps its media sequence and its discontinuity sequence', () => {
  const runs = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(runs, fc.integer({ min: 3, max: 10 }), (lengths, window) => {
      const all = lengths.flatMap((length, run) =>
        Array.from({ length }, (_, number) => segment(run, number)),
      );
      let playlist = emptyPlaylist(0);
      all.forEach((one, index) => {
        playlist = append(playlist, one, window, START);
        const first = playlist.segments[0];
        // Its number is its index among all, its discontinuity number that of its run.
        expect(playlist.mediaSequence + playlist.segments.length - 1).toBe(index);
        const marked = first?.discontinuity === true ? 1 : 0;
        expect(`${playlist.discontinuitySequence + marked}/`).toBe(first?.uri.replace(/[^/]*$/, ''));
      });
    }),
  );
});
