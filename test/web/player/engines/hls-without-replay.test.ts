import { expect, test } from '@jest/globals';
import Hls from 'hls.js';
import { withoutReplay } from '../../../../src/web/player/engines/hls-without-replay.ts';

/** hls.js as far as the class reads it, with the live position at 16 s of a playlist that ends at 18 s. */
class Playing extends Hls {
  static playhead = 0;
  override get liveSyncPosition(): number {
    return 16;
  }
  override get media(): HTMLMediaElement {
    const video = document.createElement('video');
    Object.defineProperty(video, 'currentTime', { value: Playing.playhead });
    return video;
  }
  override get latestLevelDetails(): Hls['latestLevelDetails'] {
    const details: unknown = { edge: 18, targetduration: 2 };
    return details as Hls['latestLevelDetails'];
  }
}

test.each([
  [0, 16],
  [12, 16],
  [17.99, 16],
  [18, 16],
  [18.0015, null],
  [22, null],
  // That is another run of the stream.
  [24.5, 16],
  [3_000, 16],
])(
  'with the playhead at %s s of a playlist that ends at 18 s, the live position is %s',
  (playhead, expected) => {
    Playing.playhead = playhead;
    const hls = new (withoutReplay(Playing))();
    expect(hls.liveSyncPosition).toBe(expected);
    hls.destroy();
  },
);
