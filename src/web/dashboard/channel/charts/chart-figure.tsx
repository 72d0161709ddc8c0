import { useId, useMemo, useState, type ReactNode } from 'react';
import { useApp } from '../../app-context.ts';
import { Figure } from '../../parts/figure.tsx';
import { indexAt, isEmpty, type ChartData } from './chart-data.ts';
import { ChartTable } from './chart-table.tsx';
import type { PlotView } from './plot.ts';
import { PlotArea } from './plot-area.tsx';
import type { Cursor, PlotAxis } from './use-plot.ts';

const HEIGHT_PX = 150;

export interface ChartView extends PlotView {
  readonly chart: ChartData;
}

interface ChartFigureProps {
  readonly view: ChartView;
  readonly cursor: Cursor;
  readonly onCursor: (cursor: Cursor) => void;
  readonly hintId: string;
}

/** A chart: its drawing, the values at the cursor in words, and the same data as a table. */
export function ChartFigure({ view, cursor, onCursor, hintId }: ChartFigureProps): ReactNode {
  const { words } = useApp();
  const { texts } = words;
  const axis = useTimeAxis();
  const { chart } = view;
  const [asTable, setAsTable] = useState(false);
  const toggle = asTable ? texts.charts.hideTable : texts.charts.showTable;
  const titleId = useId();
  return (
    <figure className="chart">
      <div className="chart-head">
        <figcaption id={titleId}>{texts.charts[chart.name]}</figcaption>
        <button
          type="button"
          className="button small"
          aria-expanded={asTable}
          aria-label={`${toggle}: ${texts.charts[chart.name]}`}
          onClick={() => setAsTable(!asTable)}
        >
          {toggle}
        </button>
      </div>
      <Legend chart={chart} cursor={cursor} />
      <PlotArea view={view} cursor={cursor} onCursor={onCursor} axis={axis} titleId={titleId} hintId={hintId} />
      {isEmpty(chart) && <p className="quiet chart-empty">{texts.charts.empty}</p>}
      {asTable && <ChartTable chart={chart} labelledBy={titleId} />}
    </figure>
  );
}

/** The values at the cursor; without one, the newest. */
function Legend({ chart, cursor }: { readonly chart: ChartData; readonly cursor: Cursor }): ReactNode {
  const { words } = useApp();
  const { texts } = words;
  const at = cursor.time === undefined ? undefined : indexAt(chart, cursor.time);
  const index = cursor.time === undefined ? chart.times.length - 1 : at;
  const time = index === undefined ? cursor.time : chart.times[index];
  return (
    <output className="legend" aria-live={cursor.byKeys ? 'polite' : 'off'}>
      <span className="legend-time">
        {cursor.time === undefined ? texts.charts.newest : time !== undefined && words.time(time)}
      </span>
      {chart.lines.map(({ name, values }, line) => (
        <span key={name} className="legend-item">
          <span className="swatch" data-line={line + 1} aria-hidden="true" />
          {texts.charts[name]} <Figure value={index === undefined ? null : values[index]} />
        </span>
      ))}
    </output>
  );
}

/** How charts of time write their axes. */
function useTimeAxis(): PlotAxis {
  const { words } = useApp();
  return useMemo(() => ({ height: HEIGHT_PX, writeTime: words.minute, writeValue: words.number }), [words]);
}
