import { useId, useMemo, useState, type ReactNode } from 'react';
import type { PricesView } from '../../../server/contract/costs.ts';
import { resolutions } from '../../../api/value-lists.ts';
import { useWords } from '../app-context.ts';
import { indexAt } from '../channel/charts/chart-data.ts';
import type { PlotChart } from '../channel/charts/plot.ts';
import { PlotArea } from '../channel/charts/plot-area.tsx';
import type { Cursor, PlotAxis } from '../channel/charts/use-plot.ts';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/notices.tsx';
import { fill } from '../text/words.ts';
import { breakEvenChart, MOST_PLATFORMS, suggestedMost } from './break-even.ts';
import { BreakEvenTable } from './break-even-table.tsx';
import { limits, type CostsPartProps } from './costs-search.ts';
import { NumberField } from './number-field.tsx';
import { useCostTexts } from './use-costs.ts';

const HEIGHT_PX = 260;
const noCursor: Cursor = { time: undefined, byKeys: false };

interface BreakEvenCardProps extends CostsPartProps {
  readonly prices: PricesView;
}

/** From how many viewers a platform costs less than Agora, drawn and in words. */
export function BreakEvenCard({ prices, search, onChange }: BreakEvenCardProps): ReactNode {
  const { count } = useWords();
  const text = useCostTexts().breakEven;
  const { resolution = '720p' } = search;
  const rates = useMemo(
    () => prices.rates.filter((each) => each.resolution === resolution).slice(0, MOST_PLATFORMS),
    [prices, resolution],
  );
  const most = search.most ?? suggestedMost(rates);
  const chart = useMemo(() => breakEvenChart(rates, most), [rates, most]);
  return (
    <section className="card" aria-labelledby="break-even">
      <h2 id="break-even">{text.title}</h2>
      <p className="quiet">{fill(text.intro, { version: prices.version })}</p>
      <div className="cost-filters">
        <Choice
          label={text.resolution}
          value={resolution}
          options={resolutions.map((value) => ({ value, text: value }))}
          onChange={(value) => onChange({ resolution: value })}
        />
        <NumberField
          label={text.whole}
          value={most}
          most={limits.viewers}
          onChange={(value) => {
            if (value >= 10) onChange({ most: Math.round(value) });
          }}
        />
      </div>
      {chart === undefined ? (
        <Empty>{text.none}</Empty>
      ) : (
        <>
          <ul className="plain">
            {rates.map(({ platform, breakEvenViewers }) => (
              <li key={platform}>
                <strong>{platform}</strong>:{' '}
                {breakEvenViewers === null ? text.never : count(text.from, breakEvenViewers)}
              </li>
            ))}
          </ul>
          <BreakEvenFigure chart={chart} />
        </>
      )}
    </section>
  );
}

function BreakEvenFigure({ chart }: { readonly chart: PlotChart }): ReactNode {
  const words = useWords();
  const { texts } = words;
  const text = useCostTexts().breakEven;
  const [cursor, setCursor] = useState(noCursor);
  const [asTable, setAsTable] = useState(false);
  const [titleId, hintId] = [useId(), useId()];
  const axis = useMemo(
    (): PlotAxis => ({
      height: HEIGHT_PX,
      axis: 'number',
      writeTime: words.number,
      writeValue: words.price,
    }),
    [words],
  );
  const view = useMemo(() => ({ chart, marks: [], from: 0, to: chart.times.at(-1) ?? 0 }), [chart]);
  const toggle = asTable ? texts.charts.hideTable : texts.charts.showTable;
  return (
    <figure className="chart">
      <div className="chart-head">
        <figcaption id={titleId}>{text.chart}</figcaption>
        <button
          type="button"
          className="button small"
          aria-expanded={asTable}
          aria-label={`${toggle}: ${text.chart}`}
          onClick={() => setAsTable(!asTable)}
        >
          {toggle}
        </button>
      </div>
      <p id={hintId} className="quiet small">
        {text.keys}
      </p>
      <BreakEvenLegend chart={chart} cursor={cursor} />
      <PlotArea
        view={view}
        cursor={cursor}
        onCursor={setCursor}
        axis={axis}
        titleId={titleId}
        hintId={hintId}
      />
      {asTable && <BreakEvenTable chart={chart} labelledBy={titleId} />}
    </figure>
  );
}

/** Costs at the cursor; without one, at the right end. */
function BreakEvenLegend({
  chart,
  cursor,
}: {
  readonly chart: PlotChart;
  readonly cursor: Cursor;
}): ReactNode {
  const { price, count } = useWords();
  const text = useCostTexts().breakEven;
  const index = cursor.time === undefined ? chart.times.length - 1 : indexAt(chart, cursor.time);
  const viewers = index === undefined ? undefined : chart.times[index];
  return (
    <output className="legend" aria-live={cursor.byKeys ? 'polite' : 'off'}>
      {viewers !== undefined && <span className="legend-time">{count(text.viewers, viewers)}</span>}
      {chart.lines.map(({ name, values }, line) => {
        const value = index === undefined ? undefined : values[index];
        return (
          <span key={line} className="legend-item">
            <span className="swatch" data-line={line + 1} aria-hidden="true" />
            {line === 0 ? text.agora : name}{' '}
            {value !== undefined && value !== null && <span className="figure">{price(value)}</span>}
          </span>
        );
      })}
    </output>
  );
}
