import { MAX_KEYFRAME_GAP_MS, type CutReason } from './limits.ts';

/** Decides whether a stream is live, and what happens to its publisher and after it stopped, from figures alone. */

/** Times of a broadcast, in milliseconds. */
export interface BroadcastTimes {
  readonly publishing: boolean;
  /** When the last segment was finished, in ms. */
  readonly lastSegmentAt: number | undefined;
  /** When the first frame of this broadcast arrived, in ms. */
  readonly liveSince: number | undefined;
}

/** Durations that apply after a stream stopped. */
export interface KeepRules {
  /**
   * Time off air after which the playlist is closed and players stop. Before that, a new publisher continues the
   * playlist.
   */
  readonly resumeSeconds: number;
  /** Time off air after which everything is deleted. */
  readonly mediaRetentionSeconds: number;
}

/**
 * Without a new segment for this time, no media arrives, whatever the state of the connection. Two long keyframe
 * intervals.
 */
const STALLED_AFTER_MS = 10_000;

/** Whether a stream is live: a publisher is connected and segments are produced, so that the stream can be played. */
export function isLive({ publishing, lastSegmentAt }: BroadcastTimes, now: number): boolean {
  return publishing && lastSegmentAt !== undefined && now - lastSegmentAt < STALLED_AFTER_MS;
}

/** What is known of a publisher that is connected. Times are in milliseconds. */
export interface PublisherFigures {
  /** When its packager was started, most recently. */
  readonly packedSince: number;
  /** When the last segment of this publisher was finished. */
  readonly lastSegmentAt: number | undefined;
  /** Memory of its packager; undefined if it is not known. */
  readonly packagerMib: number | undefined;
}

/** Why a publisher must be disconnected, so that the others keep their memory; undefined if it stays. */
export function whyCut(
  { packedSince, lastSegmentAt, packagerMib }: PublisherFigures,
  packagerMemoryMib: number,
  now: number,
): CutReason | undefined {
  if (packagerMib !== undefined && packagerMib > packagerMemoryMib) return 'packager-memory';
  // Segments end at keyframes alone.
  const noKeyframeMs = now - Math.max(packedSince, lastSegmentAt ?? packedSince);
  return noKeyframeMs > MAX_KEYFRAME_GAP_MS ? 'no-keyframe' : undefined;
}

/** The start of the broadcast after another segment: a short interruption does not start a new broadcast. */
export function liveSinceAfter(times: BroadcastTimes, segmentStartedAt: number): number {
  const { lastSegmentAt, liveSince } = times;
  if (liveSince === undefined || lastSegmentAt === undefined) return segmentStartedAt;
  return segmentStartedAt - lastSegmentAt < STALLED_AFTER_MS ? liveSince : segmentStartedAt;
}

/** What is due for a broadcast: closing its playlist, or removing all its media. */
export function upkeep(times: BroadcastTimes, rules: KeepRules, now: number): 'nothing' | 'close' | 'remove' {
  if (times.publishing || times.lastSegmentAt === undefined) return 'nothing';
  const offSeconds = (now - times.lastSegmentAt) / 1000;
  if (offSeconds >= rules.mediaRetentionSeconds) return 'remove';
  return offSeconds >= rules.resumeSeconds ? 'close' : 'nothing';
}
