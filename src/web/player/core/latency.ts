import type { LatencyView } from './snapshot.ts';

/** Longer than any live stream is behind, and than any clock that is right: no figure is better than a wrong one. */
const LONGEST_MS = 120_000;
/** A figure on the border of two seconds does not flicker between them. */
const FIGURE_HYSTERESIS_MS = 500;
/** Once at the live edge, playback is there until it is behind by this more. */
const EDGE_HYSTERESIS_SECONDS = 1;

export interface LatencyFacts {
  /** Milliseconds since the epoch, by this device. */
  readonly epochMs: number;
  /** By which the service's clock is ahead; undefined: unknown, and this device's clock is taken as it is. */
  readonly skewMs: number | undefined;
  /** Programme date-time of the frame on the screen. */
  readonly playingDate: Date | undefined;
  /** Seconds that playback is before the position at which it should be; undefined: unknown. */
  readonly behindSyncSeconds: number | undefined;
  readonly targetDurationSeconds: number;
}

export const unknownLatency: LatencyView = { behindSeconds: undefined, atEdge: true };

/** Distance to live, in whole seconds that do not flicker. `before` is the last view. */
export function latencyView(facts: LatencyFacts, before: LatencyView): LatencyView {
  return { behindSeconds: behindSeconds(facts, before), atEdge: isAtEdge(facts, before) };
}

function behindSeconds(
  { epochMs, skewMs = 0, playingDate }: LatencyFacts,
  before: LatencyView,
): number | undefined {
  const behindMs = playingDate === undefined ? NaN : epochMs + skewMs - playingDate.getTime();
  // Also for what is no number.
  if (!(behindMs >= 0 && behindMs <= LONGEST_MS)) return undefined;
  const shown = before.behindSeconds;
  const keeps = shown !== undefined && Math.abs(behindMs - shown * 1_000) <= 500 + FIGURE_HYSTERESIS_MS;
  return keeps ? shown : Math.round(behindMs / 1_000);
}

/** By the playlist alone, which needs no clock. Unknown: at the edge, which is where playback begins. */
function isAtEdge({ behindSyncSeconds, targetDurationSeconds }: LatencyFacts, before: LatencyView): boolean {
  if (behindSyncSeconds === undefined) return before.atEdge;
  return behindSyncSeconds <= targetDurationSeconds + (before.atEdge ? EDGE_HYSTERESIS_SECONDS : 0);
}
