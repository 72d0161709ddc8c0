/** Ranges of time of the charts, with the step of their points: some hundred points each. */
const ranges = {
  '15m': { minutes: 15, step: 10 },
  '1h': { minutes: 60, step: 10 },
  '6h': { minutes: 360, step: 60 },
  '24h': { minutes: 1_440, step: 300 },
} as const;

export type RangeName = keyof typeof ranges;
// The keys of the table above.
export const rangeNames = Object.keys(ranges) as readonly RangeName[];

/** The range that ends now, as the service expects it. */
export function metricsRange(
  name: RangeName,
  now: number,
): { readonly from: string; readonly to: string; readonly step: number } {
  const { minutes, step } = ranges[name];
  return {
    from: new Date(now - minutes * 60_000).toISOString(),
    to: new Date(now).toISOString(),
    step,
  };
}
