import type { Mark } from './marks.ts';

/** What is drawn: lines over one axis. */
export interface PlotChart {
  readonly name: string;
  /** Of the axis, ascending: milliseconds since the epoch, or other numbers. */
  readonly times: readonly number[];
  /** Between two of them. */
  readonly stepMs: number;
  /** With one value for each place on the axis; null: unknown. */
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

export interface PlotOptions {
  /** Default: time. */
  readonly axis?: 'time' | 'number';
  /** Pixels. */
  readonly height: number;
  readonly writeTime: (at: number) => string;
  readonly writeValue: (value: number) => string;
  /** The pointer is at a time; undefined: it left the chart. */
  readonly onCursor: (time: number | undefined) => void;
}

export interface PlotView {
  readonly chart: PlotChart;
  readonly marks: readonly Mark[];
  /** Of the time axis, which all charts have in common. */
  readonly from: number;
  readonly to: number;
}

/** A drawn chart: the only part that needs a canvas. */
export interface Plot {
  show(view: PlotView): void;
  setCursor(time: number | undefined): void;
  destroy(): void;
}

export type OpenPlot = (element: HTMLElement, options: PlotOptions) => Promise<Plot>;
