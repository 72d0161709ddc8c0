import type { EngineEvent } from './engine.ts';

export type PlaylistEvent = Extract<EngineEvent, { readonly type: 'playlist' }>;

/** What the media playlists of one load have shown. Times are of the monotonic clock, in milliseconds. */
export interface PlaylistHistory {
  readonly level: number;
  readonly firstSegment: number;
  /** The highest that was read. */
  readonly lastSegment: number;
  readonly targetMs: number;
  readonly ended: boolean;
  readonly readAt: number;
  /** When `lastSegment` last rose. */
  readonly advancedAt: number;
}

/** Caches of a CDN may answer with a playlist that is older by this many segments. */
const TOLERATED_STEPS_BACK = 2;

/** Without a new segment for this time, a live stream does not advance. */
export function staleAfterMs(targetMs: number): number {
  return Math.max(6_000, 3 * targetMs);
}

/**
 * Whether a playlist belongs to another run of the stream than the one before it: its origin restarted, or playback fell
 * so far behind that the segments between them are gone. hls.js lays such media over the old timeline, waits at a live
 * edge where nothing arrives, and raises no error.
 */
export function isRestarted(before: PlaylistHistory, next: PlaylistEvent, now: number): boolean {
  if (before.level !== next.level) return false;
  if (next.firstSegment > before.lastSegment + 1) return true;
  if (next.lastSegment < before.lastSegment - TOLERATED_STEPS_BACK) return true;
  // A playlist that stays behind is no matter of caches.
  return next.lastSegment < before.lastSegment && now - before.advancedAt > staleAfterMs(before.targetMs);
}

/** The history with one more playlist, of the same run. */
export function withPlaylist(
  before: PlaylistHistory | undefined,
  next: PlaylistEvent,
  now: number,
): PlaylistHistory {
  const { level, firstSegment, lastSegment, targetSeconds, ended } = next;
  const same = before?.level === level ? before : undefined;
  const advanced = same === undefined || lastSegment > same.lastSegment;
  return {
    level,
    firstSegment,
    lastSegment: advanced ? lastSegment : same.lastSegment,
    targetMs: Math.min(Math.max(targetSeconds, 0.5), 30) * 1_000,
    ended,
    readAt: now,
    // A switch of levels is not an advance.
    advancedAt: advanced && (same !== undefined || before === undefined) ? now : (before?.advancedAt ?? now),
  };
}
