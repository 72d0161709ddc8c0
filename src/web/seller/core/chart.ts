/** A measured value; undefined: unknown, which is a gap in the line. */
export interface ChartPoint {
  readonly at: number;
  readonly value: number | undefined;
}

export interface ChartFrame {
  readonly width: number;
  readonly height: number;
  /** Times at the left and at the right edge. */
  readonly from: number;
  readonly to: number;
  /** Value at the upper edge. */
  readonly most: number;
}

/** Measured once a minute: two points that are farther apart have something unknown between them. */
const GAP_MS = 150_000;

/** The line as path data of SVG. */
export function linePath(
  points: readonly ChartPoint[],
  { width, height, from, to, most }: ChartFrame,
): string {
  const x = (at: number): number => tenth(((at - from) / Math.max(1, to - from)) * width);
  const y = (value: number): number => tenth(height - (value / Math.max(1, most)) * height);
  let last: number | undefined;
  let path = '';
  for (const { at, value } of points) {
    if (value === undefined) {
      last = undefined;
      continue;
    }
    const isNext = last !== undefined && at - last <= GAP_MS;
    // A line of no length is a dot: a single point between two gaps is seen.
    path += isNext ? `L${x(at)} ${y(value)}` : `M${x(at)} ${y(value)}h0`;
    last = at;
  }
  return path;
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** A round number that is not less than the greatest value: what the upper edge of a chart says. */
export function roundAbove(values: readonly (number | undefined)[]): number {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const unit = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((each) => each * unit >= most) ?? 10;
  return step * unit;
}
