import type { HlsClass } from './hls-class.ts';

/** A playlist from a cache may end this many target durations before what has been played. */
const TARGET_DURATIONS = 3;

/**
 * hls.js seeks back to the live position as soon as the playhead is past the end of the playlist, if only by the
 * milliseconds by which its sound is longer than its picture: while the playlist is stale, viewers would see its last
 * seconds again and again. In this class there is no live position then, so hls.js waits for the next segment.
 */
export function withoutReplay(hls: HlsClass): HlsClass {
  return class extends hls {
    override get liveSyncPosition(): number | null {
      const details = this.latestLevelDetails;
      const ahead = (this.media?.currentTime ?? 0) - (details?.edge ?? Infinity);
      const isPlayed = ahead > 0 && ahead <= TARGET_DURATIONS * (details?.targetduration ?? 0);
      return isPlayed ? null : super.liveSyncPosition;
    }
  };
}
