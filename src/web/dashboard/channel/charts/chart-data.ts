import type { ChannelNumbers } from '../../../../api/live-numbers.ts';
import type { QoeView } from '../../../../server/contract/qoe.ts';
import type { MetricPoint } from '../../service/procedures.ts';
import type { PlotChart } from './plot.ts';

/** Names of the lines, which are those of their words and colours. */
export type LineName = 'hls' | 'agora' | 'sent' | 'p50' | 'p95' | 'share';

export interface Line {
  readonly name: LineName;
  /** One for each time; null: unknown. */
  readonly values: readonly (number | null)[];
}

export const chartNames = ['viewers', 'bitrate', 'latency', 'waiting'] as const;
export type ChartName = (typeof chartNames)[number];

export interface ChartData extends PlotChart {
  readonly name: ChartName;
  /** Milliseconds since the epoch, ascending, one for each step: a step without data is a gap. */
  readonly times: readonly number[];
  readonly stepMs: number;
  readonly lines: readonly Line[];
}

export interface MetricsOfRange {
  readonly from: number;
  readonly to: number;
  /** Seconds. */
  readonly step: number;
  readonly points: readonly MetricPoint[];
}

const MINUTE_MS = 60_000;

/** Viewers and bit rate, up to the newest numbers. */
export function metricCharts(
  { from, to, step, points }: MetricsOfRange,
  newest: ChannelNumbers | undefined,
): readonly ChartData[] {
  const stepMs = step * 1_000;
  const grid = new Grid(from, to, stepMs, points);
  const tail = newest === undefined ? undefined : Date.parse(newest.at);
  const hasTail = tail !== undefined && tail > (grid.times.at(-1) ?? from) && tail <= to + 2 * MINUTE_MS;
  const times = hasTail ? [...grid.times, tail] : grid.times;
  const line = (
    name: LineName,
    ofPoint: (point: MetricPoint) => number | null,
    now: number | null | undefined,
  ): Line => ({ name, values: hasTail ? [...grid.values(ofPoint), now ?? null] : grid.values(ofPoint) });
  return [
    {
      name: 'viewers',
      times,
      stepMs,
      lines: [
        line('hls', ({ hlsViewers }) => hlsViewers, newest?.hlsViewers),
        line('agora', ({ agoraViewers }) => agoraViewers, newest?.agoraViewers),
      ],
    },
    {
      name: 'bitrate',
      times,
      stepMs,
      lines: [line('sent', ({ bitrateKbps }) => bitrateKbps, newest?.bitrateKbps)],
    },
  ];
}

/** Delay and waiting time, as players reported them in the last hour. */
export function qoeCharts(
  { minutes }: Pick<QoeView, 'minutes'>,
  { from, to }: Pick<MetricsOfRange, 'from' | 'to'>,
): readonly ChartData[] {
  const grid = new Grid(from, to, MINUTE_MS, minutes);
  const rest = { times: grid.times, stepMs: MINUTE_MS };
  return [
    {
      name: 'latency',
      ...rest,
      lines: [
        { name: 'p50', values: grid.values(({ latencyP50 }) => latencyP50) },
        { name: 'p95', values: grid.values(({ latencyP95 }) => latencyP95) },
      ],
    },
    {
      name: 'waiting',
      ...rest,
      lines: [
        {
          name: 'share',
          values: grid.values(({ stalledRatio }) => (stalledRatio === null ? null : stalledRatio * 100)),
        },
      ],
    },
  ];
}

/** Every step of a range, with the point that falls into it. */
class Grid<Point extends { readonly at: string }> {
  readonly times: readonly number[];
  readonly #byStep: ReadonlyMap<number, Point>;

  constructor(from: number, to: number, stepMs: number, points: readonly Point[]) {
    const [first, last] = [Math.floor(from / stepMs), Math.floor(to / stepMs)];
    this.times = Array.from({ length: Math.max(0, last - first) }, (_, index) => (first + index) * stepMs);
    this.#byStep = new Map(points.map((point) => [Math.floor(Date.parse(point.at) / stepMs) * stepMs, point]));
  }

  values(of: (point: Point) => number | null): (number | null)[] {
    return this.times.map((time) => {
      const point = this.#byStep.get(time);
      return point === undefined ? null : of(point);
    });
  }
}

export function isEmpty({ lines }: Pick<PlotChart, 'lines'>): boolean {
  return lines.every(({ values }) => values.every((value) => value === null));
}

/** Index of the time that is nearest, if it is no further away than a step. */
export function indexAt({ times, stepMs }: Pick<PlotChart, 'times' | 'stepMs'>, time: number): number | undefined {
  const after = times.findIndex((each) => each >= time);
  const candidates = after < 0 ? [times.length - 1] : [after - 1, after];
  const best = candidates
    .filter((index) => Math.abs((times[index] ?? Infinity) - time) <= stepMs)
    .toSorted((a, b) => Math.abs((times[a] ?? 0) - time) - Math.abs((times[b] ?? 0) - time));
  return best[0];
}

/** Steps of the cursor by key. */
const strides: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };

/** The time of the cursor after a key; undefined: the key does not move it. */
export function moveCursor(
  key: string,
  chart: Pick<PlotChart, 'times' | 'stepMs'>,
  cursor: number | undefined,
): number | undefined {
  const { times } = chart;
  if (key === 'Home') return times[0];
  if (key === 'End') return times.at(-1);
  const stride = strides[key];
  if (stride === undefined) return undefined;
  const at = cursor === undefined ? undefined : indexAt(chart, cursor);
  // The first key shows the newest value.
  if (at === undefined) return times.at(-1);
  return times[Math.min(times.length - 1, Math.max(0, at + stride))];
}
