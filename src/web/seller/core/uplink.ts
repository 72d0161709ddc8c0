import type { UplinkFacts } from './facts.ts';
import type { AgoraFigures } from './snapshot.ts';

/** The app's figures, bounded. `offsetMs`: monotonic time of this device minus its wall clock. */
export function uplinkOf(figures: AgoraFigures | undefined, offsetMs: number): UplinkFacts | undefined {
  if (figures === undefined || !Number.isFinite(figures.at)) return undefined;
  return {
    at: figures.at + offsetMs,
    quality: within(figures.uplinkQuality, 1, 6),
    lossPercent: within(figures.sendLossPercent, 0, 100),
  };
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}
