import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';
import type { PlotView } from '../../../../src/web/dashboard/channel/charts/plot.ts';
import { UPlotPlot } from '../../../../src/web/dashboard/channel/charts/uplot-plot.ts';

const WIDTH = 1_200;
const HEIGHT = 300;
const STEP_MS = 10_000;

/** Two lines, and another point at their end with each call. */
function viewAt(points: number, added: number): PlotView {
  const times = Array.from({ length: points }, (_, index) => (index + added) * STEP_MS);
  const wave = (phase: number): number[] =>
    times.map((_, index) => 400 + 200 * Math.sin((index + added) / 90 + phase) + ((index * 7_919) % 40));
  const lines = [
    { name: 'hls', values: wave(0) },
    { name: 'agora', values: wave(2) },
  ];
  return {
    chart: { name: 'viewers', times, stepMs: STEP_MS, lines },
    marks: [],
    from: times[0] ?? 0,
    to: times.at(-1) ?? 0,
  };
}

/** A line as React would draw it without a library for charts. */
function Lines({ view }: { readonly view: PlotView }) {
  const { chart, from, to } = view;
  const x = (time: number): number => ((time - from) / (to - from)) * WIDTH;
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label="Viewers">
      {chart.lines.map(({ name, values }) => (
        <polyline
          key={name}
          fill="none"
          stroke="currentColor"
          points={chart.times
            .map((time, index) => `${x(time).toFixed(1)},${(HEIGHT - Number(values[index]) / 3).toFixed(1)}`)
            .join(' ')}
        />
      ))}
    </svg>
  );
}

const place = document.createElement('div');
place.style.width = `${String(WIDTH)}px`;
document.body.append(place);

const draw = {
  ours(): (view: PlotView) => void {
    const plot = new UPlotPlot(place, {
      height: HEIGHT,
      writeTime: String,
      writeValue: String,
      onCursor: () => undefined,
    });
    return (view) => plot.show(view);
  },
  svg(): (view: PlotView) => void {
    const root = createRoot(place);
    return (view) => flushSync(() => root.render(<Lines view={view} />));
  },
} as const;

/** From the new data to the frame that shows it, in milliseconds; the first one is left out. */
async function updates(name: keyof typeof draw, points: number, times: number): Promise<number[]> {
  const show = draw[name]();
  const found: number[] = [];
  for (let added = 0; added <= times; added += 1) {
    const view = viewAt(points, added);
    await new Promise((resolve) => void requestAnimationFrame(resolve));
    const begun = performance.now();
    show(view);
    // A task after the frame: style, layout and paint of the update are done.
    await new Promise<void>((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve();
        port2.postMessage(undefined);
      });
    });
    if (added > 0) found.push(performance.now() - begun);
  }
  return found;
}

Object.assign(globalThis, { updates });
