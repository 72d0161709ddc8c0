import type { ReactNode } from 'react';
import { useApp } from '../../app-context.ts';
import { moveCursor } from './chart-data.ts';
import type { PlotView } from './plot.ts';
import { usePlot, type Cursor, type PlotAxis } from './use-plot.ts';

interface PlotAreaProps {
  readonly view: PlotView;
  readonly cursor: Cursor;
  readonly onCursor: (cursor: Cursor) => void;
  readonly axis: PlotAxis;
  readonly titleId: string;
  readonly hintId: string;
}

/** The drawing of a chart, whose cursor also follows keys. */
export function PlotArea({ view, cursor, onCursor, axis, titleId, hintId }: PlotAreaProps): ReactNode {
  const { texts } = useApp().words;
  const place = usePlot(view, cursor, onCursor, axis);
  return (
    <div
      ref={place}
      className="plot"
      role="group"
      aria-roledescription={texts.charts.chart}
      aria-labelledby={titleId}
      aria-describedby={hintId}
      tabIndex={0}
      onKeyDown={(event) => {
        const time = moveCursor(event.key, view.chart, cursor.time);
        if (time === undefined) return;
        event.preventDefault();
        onCursor({ time, byKeys: true });
      }}
    />
  );
}
