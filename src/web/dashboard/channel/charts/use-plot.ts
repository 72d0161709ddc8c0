import { useEffect, useRef, useState } from 'react';
import { useApp } from '../../app-context.ts';
import type { Plot, PlotOptions, PlotView } from './plot.ts';

/** The time that all charts show, and whether it was chosen by keys: then it is read aloud. */
export interface Cursor {
  readonly time: number | undefined;
  readonly byKeys: boolean;
}

export type PlotAxis = Omit<PlotOptions, 'onCursor'>;

/** Draws into the element that the ref is given to. A plot is opened again when `axis` is another object. */
export function usePlot(
  view: PlotView,
  cursor: Cursor,
  onCursor: (cursor: Cursor) => void,
  axis: PlotAxis,
) {
  const { openPlot } = useApp();
  const place = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<Plot>();
  const report = useRef(onCursor);
  useEffect(() => {
    report.current = onCursor;
  }, [onCursor]);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let opened: Plot | undefined;
    let gone = false;
    void openPlot(element, {
      ...axis,
      onCursor: (time) => report.current({ time, byKeys: false }),
    }).then((each) => {
      opened = each;
      if (gone) each.destroy();
      else setPlot(each);
    });
    return () => {
      gone = true;
      opened?.destroy();
      setPlot(undefined);
    };
  }, [openPlot, axis]);
  useEffect(() => {
    plot?.show(view);
  }, [plot, view]);
  useEffect(() => {
    plot?.setCursor(cursor.time);
  }, [plot, cursor.time]);
  return place;
}
