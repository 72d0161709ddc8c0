import uPlot from 'uplot';
import type { Mark } from './marks.ts';
import type { Plot, PlotChart, PlotOptions, PlotView } from './plot.ts';

/** By the place of the line. */
const colours = [1, 2, 3, 4, 5, 6].map((place) => `--lc-line-${place}`);
const markColours: Readonly<Record<Mark['kind'], string>> = {
  mode: '--lc-accent',
  restart: '--lc-poor',
  'alert-raised': '--lc-poor',
  'alert-resolved': '--lc-good',
};
/** Colour alone tells lines apart for not everyone. The first one is whole. */
const dashes = [[], [6, 4], [2, 3], [10, 3, 2, 3], [12, 5], [1, 5]] as const;

/** A chart by uPlot in the colours of the style sheet. */
export class UPlotPlot implements Plot {
  readonly #element: HTMLElement;
  readonly #options: PlotOptions;
  readonly #probe: HTMLElement;
  readonly #resizes: ResizeObserver;
  readonly #theme = matchMedia('(prefers-color-scheme: dark)');
  #plot: uPlot | undefined;
  #view: PlotView | undefined;
  #names = '';
  #cursor: number | undefined;

  constructor(element: HTMLElement, options: PlotOptions) {
    this.#element = element;
    this.#options = options;
    this.#probe = document.createElement('span');
    element.append(this.#probe);
    this.#resizes = new ResizeObserver(() => this.#plot?.setSize(this.#size()));
    this.#resizes.observe(element);
    this.#theme.addEventListener('change', this.#redraw);
  }

  show(view: PlotView): void {
    this.#view = view;
    const names = view.chart.lines.map(({ name }) => name).join();
    if (this.#plot === undefined || names !== this.#names) {
      this.#plot?.destroy();
      this.#names = names;
      this.#plot = new uPlot(this.#plotOptions(view.chart.lines), dataOf(view), this.#element);
    } else this.#plot.setData(dataOf(view));
    this.setCursor(this.#cursor);
  }

  setCursor(time: number | undefined): void {
    this.#cursor = time;
    if (this.#plot === undefined) return;
    const left = time === undefined ? -10 : this.#plot.valToPos(time / 1_000, 'x');
    this.#plot.setCursor({ left, top: time === undefined ? -10 : 0 }, false);
  }

  destroy(): void {
    this.#resizes.disconnect();
    this.#theme.removeEventListener('change', this.#redraw);
    this.#plot?.destroy();
    this.#probe.remove();
  }

  readonly #redraw = (): void => {
    this.#plot?.redraw();
  };

  #size(): { width: number; height: number } {
    return { width: Math.max(100, this.#element.clientWidth), height: this.#options.height };
  }

  /** What the browser makes of var() and light-dark() now. */
  #colour(name: string): string {
    this.#probe.style.color = `var(${name})`;
    return getComputedStyle(this.#probe).color;
  }

  #plotOptions(lines: PlotChart['lines']): uPlot.Options {
    const { axis: kind = 'time', writeTime, writeValue, onCursor } = this.#options;
    const axis = {
      stroke: () => this.#colour('--lc-quiet'),
      grid: { stroke: () => this.#colour('--lc-border'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    } as const;
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: kind === 'time', range: () => [(this.#view?.from ?? 0) / 1_000, (this.#view?.to ?? 0) / 1_000] },
        // From 0: a cut axis would make small changes look large.
        y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        { ...axis, size: 28, values: (_plot, times) => times.map((time) => writeTime(time * 1_000)) },
        { ...axis, size: 60, values: (_plot, values) => values.map(writeValue) },
      ],
      series: [
        {},
        ...lines.map((_line, index) => ({
          stroke: () => this.#colour(colours[index % colours.length] ?? '--lc-line-1'),
          width: 2,
          dash: [...(dashes[index % dashes.length] ?? [])],
          // Where there are few, they would look like measurements.
          ...(kind === 'number' ? { points: { show: false } } : {}),
          // Unknown is a gap.
          spanGaps: false,
        })),
      ],
      hooks: {
        draw: [(plot) => this.#drawMarks(plot)],
        setCursor: [
          (plot) => {
            const { left = -1 } = plot.cursor;
            onCursor(left < 0 ? undefined : plot.posToVal(left, 'x') * 1_000);
          },
        ],
      },
    };
  }

  #drawMarks(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    for (const { at, kind } of this.#view?.marks ?? []) {
      const x = plot.valToPos(at / 1_000, 'x', true);
      ctx.strokeStyle = this.#colour(markColours[kind]);
      ctx.setLineDash(kind === 'alert-resolved' ? [2, 4] : []);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }
}

function dataOf({ chart }: PlotView): uPlot.AlignedData {
  return [chart.times.map((time) => time / 1_000), ...chart.lines.map(({ values }) => [...values])];
}
