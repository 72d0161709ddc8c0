import type { ConnectionCause, ConnectionQuality, ConnectionView } from './snapshot.ts';

/** A rating that is better than the one shown must hold for this time: quick to warn, slow to clear. */
const CLEAR_MS = 10_000;
/** Throughput relative to the bit rate of the level on the screen, below which it is fair, and poor. */
const HEADROOM = { fair: 1.2, poor: 0.8 } as const;
/** Stalls in the last minute. */
const STALLS = { fair: 1, poor: 3 } as const;
/** Share of frames that were decoded and not shown. */
const DROPPED = { fair: 0.05, poor: 0.2 } as const;
/** With this much media ahead, throughput is not what limits playback. */
const COMFORTABLE_SECONDS = 3;

export interface ConnectionFacts {
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly online: boolean;
  /** Whether playback has begun: before it, nothing is known. */
  readonly started: boolean;
  /** bit/s that were measured; undefined: unknown. */
  readonly bandwidth: number | undefined;
  /** bit/s of the level on the screen; undefined: unknown. */
  readonly bitrate: number | undefined;
  readonly bufferedSeconds: number;
  readonly stallsInLastMinute: number;
  /** 0 to 1; undefined: unknown. */
  readonly droppedShare: number | undefined;
}

/** The view, and since when a better one has been seen. */
export interface ConnectionMemory {
  readonly view: ConnectionView;
  readonly betterSince: number | undefined;
}

export const unknownConnection: ConnectionMemory = {
  view: { quality: 'unknown', cause: undefined },
  betterSince: undefined,
};

const rank: Readonly<Record<ConnectionQuality, number>> = { unknown: 0, good: 1, fair: 2, poor: 3 };

/** The connection in words. */
export function connection(facts: ConnectionFacts, before: ConnectionMemory): ConnectionMemory {
  const seen = rating(facts);
  const shown = before.view;
  const isWorse = rank[seen.quality] > rank[shown.quality];
  if (isWorse || seen.quality === 'unknown') return { view: seen, betterSince: undefined };
  if (seen.quality === shown.quality)
    // The same object until something changes.
    return { view: seen.cause === shown.cause ? shown : seen, betterSince: undefined };
  const betterSince = before.betterSince ?? facts.now;
  return facts.now - betterSince >= CLEAR_MS
    ? { view: seen, betterSince: undefined }
    : { view: shown, betterSince };
}

/** The worst signal decides, and of equal ones the first. */
function rating(facts: ConnectionFacts): ConnectionView {
  if (!facts.online) return { quality: 'poor', cause: 'offline' };
  if (!facts.started) return { quality: 'unknown', cause: undefined };
  const signals: readonly [ConnectionCause, ConnectionQuality][] = [
    ['stalls', above(facts.stallsInLastMinute, STALLS)],
    ['slow-network', throughput(facts)],
    ['dropped-frames', facts.droppedShare === undefined ? 'good' : above(facts.droppedShare, DROPPED)],
  ];
  for (const quality of ['poor', 'fair'] as const) {
    const found = signals.find(([, each]) => each === quality);
    if (found !== undefined) return { quality, cause: found[0] };
  }
  return { quality: 'good', cause: undefined };
}

function throughput({ bandwidth, bitrate, bufferedSeconds }: ConnectionFacts): ConnectionQuality {
  if (bandwidth === undefined || bitrate === undefined || bufferedSeconds >= COMFORTABLE_SECONDS)
    return 'good';
  const headroom = bandwidth / bitrate;
  if (headroom < HEADROOM.poor) return 'poor';
  return headroom < HEADROOM.fair ? 'fair' : 'good';
}

function above(
  value: number,
  { fair, poor }: { readonly fair: number; readonly poor: number },
): ConnectionQuality {
  if (value >= poor) return 'poor';
  return value >= fair ? 'fair' : 'good';
}
