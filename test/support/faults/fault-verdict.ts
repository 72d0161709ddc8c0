import type { Session } from '../ingest/ingest-tap.ts';
import type { MediaTag } from '../ingest/media-tag.ts';
import type { SentFrames } from '../host/sent-frames.ts';

/** When a fault began, and when its cause was gone (both the same for what happens in a moment). */
export interface Inflicted {
  readonly at: number;
  readonly overAt: number;
}

/** What the ingest saw of a fault. Milliseconds. */
export interface FaultVerdict {
  /** Longest time without any media; where the cause lasts, what of it lies after its end. */
  readonly silenceMs: number;
  /** Longest time without a picture of the host's, likewise. */
  readonly liveGapMs: number;
  /** RTMP sessions that were begun because of it. */
  readonly sessions: number;
  /** Largest step of a session's timestamps: what is missing in the middle of a session. */
  readonly audioStepMs: number;
  readonly videoStepMs: number;
  /** What is wrong with the output's order; empty when nothing is. */
  readonly disorder: readonly string[];
}

/** `until`: when the ingest was last looked at. */
export function verdictOf(
  sessions: readonly Session[],
  sent: SentFrames,
  { at, overAt }: Inflicted,
  until: number,
): FaultVerdict {
  const involved = sessions.filter(({ closedAt }) => (closedAt ?? until) >= at);
  const tags = involved
    .flatMap((session) => session.tags.filter(({ isHeader }) => !isHeader))
    .sort((a, b) => a.at - b.at);
  const live = newPictures(tags, sent);
  const floor = overAt > at ? overAt : -Infinity;
  const after = (some: readonly MediaTag[]): number => longestGap(times(some, at, until), floor);
  return {
    silenceMs: after(tags),
    liveGapMs: after(live),
    sessions: sessions.filter(({ openedAt, tags: media }) => openedAt >= at && media.length > 0).length,
    audioStepMs: largestStep(involved, 'audio', at),
    videoStepMs: largestStep(involved, 'video', at),
    disorder: involved.flatMap(disorderOf),
  };
}

/** The host's pictures without those that come again, as a held one does, or the first of another session. */
function newPictures(tags: readonly MediaTag[], sent: SentFrames): MediaTag[] {
  let latest = -1;
  return tags.filter((tag) => {
    const index = tag.kind === 'video' ? (sent.byBytes(tag.payload, tag.at)?.index ?? -1) : -1;
    const isNew = index > latest;
    latest = Math.max(latest, index);
    return isNew;
  });
}

/** Arrivals from the last one before `from`, and `until` as the end of the last gap. */
function times(tags: readonly MediaTag[], from: number, until: number): number[] {
  const before = tags.findLast((tag) => tag.at < from);
  return [before?.at ?? from, ...tags.filter((tag) => tag.at >= from).map((tag) => tag.at), until];
}

function longestGap(moments: readonly number[], floor: number): number {
  const gaps = moments.slice(1).map((moment, index) => moment - Math.max(moments[index] ?? moment, floor));
  return Math.round(Math.max(0, ...gaps));
}

function largestStep(sessions: readonly Session[], kind: MediaTag['kind'], from: number): number {
  const steps = sessions.flatMap(({ tags }) => {
    const some = tags.filter((tag) => tag.kind === kind && !tag.isHeader);
    return some.flatMap((tag, index) =>
      tag.at < from ? [] : tag.timestamp - (some[index - 1] ?? tag).timestamp,
    );
  });
  return Math.max(0, ...steps);
}

/** A picture comes beside the sound of its time, give or take this. */
const LARGEST_SKEW_MS = 1_500;

/** What a platform would stumble over: time that runs backwards, no keyframe in the beginning, tracks far apart. */
function disorderOf({ tags, forgotten }: Session): string[] {
  const problems = new Set<string>();
  const last: Partial<Record<MediaTag['kind'], number>> = {};
  for (const { kind, timestamp, isHeader, isKeyframe } of tags) {
    if (isHeader) continue;
    const before = last[kind];
    if (before !== undefined && timestamp < before)
      problems.add(`${kind} goes back by ${String(before - timestamp)} ms`);
    if (kind === 'video' && before === undefined && !forgotten && !isKeyframe)
      problems.add('a session begins without a keyframe');
    if (kind === 'video' && Math.abs(timestamp - (last.audio ?? timestamp)) > LARGEST_SKEW_MS)
      problems.add('a picture is more than 1.5 s away from the sound beside it');
    last[kind] = timestamp;
  }
  return [...problems];
}
