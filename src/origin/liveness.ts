/** When is a stream live, and what becomes of it after it stopped: decided from times alone. */

export interface BroadcastTimes {
  readonly publishing: boolean;
  /** When the last segment was finished, ms. */
  readonly lastSegmentAt: number | undefined;
  /** When the first frame of this broadcast arrived, ms. */
  readonly liveSince: number | undefined;
}

export interface KeepRules {
  /** Off air for so long: the playlist is closed, players stop. Until then a publisher goes on where it stopped. */
  readonly resumeSeconds: number;
  /** Off air for so long: everything is deleted. */
  readonly mediaRetentionSeconds: number;
}

/** No new segment for this long: nothing arrives, whatever the connection looks like. Two long keyframe intervals. */
const STALLED_AFTER_MS = 10_000;

/** Live: somebody publishes and segments come out, so what is called live can be played. */
export function isLive({ publishing, lastSegmentAt }: BroadcastTimes, now: number): boolean {
  return publishing && lastSegmentAt !== undefined && now - lastSegmentAt < STALLED_AFTER_MS;
}

/** Since when, after another segment: a short interruption does not make it a new broadcast. */
export function liveSinceAfter(times: BroadcastTimes, segmentStartedAt: number): number {
  const { lastSegmentAt, liveSince } = times;
  if (liveSince === undefined || lastSegmentAt === undefined) return segmentStartedAt;
  return segmentStartedAt - lastSegmentAt < STALLED_AFTER_MS ? liveSince : segmentStartedAt;
}

export function upkeep(times: BroadcastTimes, rules: KeepRules, now: number): 'nothing' | 'close' | 'remove' {
  if (times.publishing || times.lastSegmentAt === undefined) return 'nothing';
  const offSeconds = (now - times.lastSegmentAt) / 1000;
  if (offSeconds >= rules.mediaRetentionSeconds) return 'remove';
  return offSeconds >= rules.resumeSeconds ? 'close' : 'nothing';
}
