import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useState, type ReactNode } from 'react';
import { useApp } from '../../app-context.ts';
import { Choice } from '../../parts/choice.tsx';
import { Failure, Loading } from '../../parts/notices.tsx';
import { metricCharts, qoeCharts } from './chart-data.ts';
import { ChartFigure } from './chart-figure.tsx';
import { MarkList } from './mark-list.tsx';
import { marksOf, mergeMoments } from './marks.ts';
import { rangeNames, type RangeName } from './range.ts';
import type { Cursor } from './use-plot.ts';

interface ChartsProps {
  readonly channelId: string;
  readonly range: RangeName;
  readonly onRange: (range: RangeName) => void;
}

const noCursor: Cursor = { time: undefined, byKeys: false };

/** All charts of a channel on one axis of time, with what happened on the same axis. */
export function Charts({ channelId, range, onRange }: ChartsProps): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const metrics = useQuery(queries.metrics(channelId, range));
  const { data: qoe } = useQuery(queries.qoe(channelId));
  const { data: alerts } = useQuery(queries.alertsOf(channelId));
  const history = useQuery(queries.history(channelId, range));
  const { data: moments } = useQuery(queries.moments);
  const { data: numbers } = useQuery(queries.numbers);
  const [cursor, setCursor] = useState(noCursor);
  const hintId = useId();

  const newest = numbers?.byChannel.get(channelId);
  const views = useMemo(() => {
    if (metrics.data === undefined) return [];
    const charts = [
      ...metricCharts(metrics.data, newest),
      ...(qoe === undefined ? [] : qoeCharts(qoe, metrics.data)),
    ];
    const { from } = metrics.data;
    const to = Math.max(metrics.data.to, ...charts.map(({ times }) => times.at(-1) ?? 0));
    const happened = mergeMoments(history.data ?? [], moments?.get(channelId) ?? []);
    const marks = marksOf(alerts ?? [], happened, { from, to });
    return charts.map((chart) => ({ chart, marks, from, to }));
  }, [metrics.data, qoe, alerts, history.data, moments, newest, channelId]);

  return (
    <section className="card charts" aria-label={texts.channel.charts}>
      <div className="section-head">
        <h2>{texts.channel.charts}</h2>
        <Choice
          label={texts.charts.range}
          value={range}
          options={rangeNames.map((value) => ({ value, text: texts.charts.ranges[value] }))}
          onChange={onRange}
        />
      </div>
      <p id={hintId} className="quiet small">
        {texts.charts.keys}
      </p>
      {metrics.isPending && <Loading what={texts.charts.loading} />}
      {metrics.isError && metrics.data === undefined && (
        <Failure error={metrics.error} onRetry={() => void metrics.refetch()} />
      )}
      <div className="chart-grid">
        {views.map((view) => (
          <ChartFigure
            key={view.chart.name}
            view={view}
            cursor={cursor}
            onCursor={setCursor}
            hintId={hintId}
          />
        ))}
      </div>
      {history.isError && <p className="quiet">{texts.charts.sinceOpened}</p>}
      {views[0] !== undefined && <MarkList marks={views[0].marks} onShow={(time) => setCursor({ time, byKeys: false })} />}
    </section>
  );
}
