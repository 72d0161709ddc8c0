import type { ReactNode } from 'react';
import { linePath, roundAbove, type ChartPoint } from '../core/chart.ts';
import type { HistoryPoint } from '../core/snapshot.ts';
import { useSellerWords } from './words-context.ts';

const HOUR_MS = 3_600_000;
const SIZE = { width: 320, height: 80 } as const;

interface Line {
  readonly name: string;
  readonly points: readonly ChartPoint[];
}

/** The last hour as charts, and as a table of the same data. */
export function History({ points }: { readonly points: readonly HistoryPoint[] | undefined }): ReactNode {
  const words = useSellerWords();
  const { history, labels } = words;
  const line = (name: string, read: (point: HistoryPoint) => number | undefined): Line => ({
    name,
    points: (points ?? []).map((point) => ({ at: point.at, value: read(point) })),
  });
  return (
    <div className="lcs-part">
      <h2>{history.title}</h2>
      {points === undefined || points.length === 0 ? (
        <p className="lcs-quiet">{points === undefined ? words.unknownFigure : history.none}</p>
      ) : (
        <>
          <div className="lcs-charts">
            <Chart
              title={history.viewers}
              lines={[line(labels.onHls, ({ hls }) => hls), line(labels.onAgora, ({ agora }) => agora)]}
            />
            <Chart
              title={`${history.bitrate} (kbit/s)`}
              lines={[line(history.bitrate, ({ kbps }) => kbps)]}
            />
          </div>
          <HistoryTable points={points} />
        </>
      )}
    </div>
  );
}

function Chart({ title, lines }: { readonly title: string; readonly lines: readonly Line[] }): ReactNode {
  const words = useSellerWords();
  const most = roundAbove(lines.flatMap(({ points }) => points.map(({ value }) => value)));
  const to = Math.max(...lines.flatMap(({ points }) => points.map(({ at }) => at)));
  const from = to - HOUR_MS;
  const frame = { ...SIZE, from, to, most };
  return (
    <figure className="lcs-chart">
      <figcaption>
        {title}
        {lines.length > 1 && (
          <span className="lcs-legend">
            {lines.map(({ name }, index) => (
              <span key={name} data-line={index}>
                {name}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div className="lcs-plot">
        <span className="lcs-most" aria-hidden="true">
          {words.number(most)}
        </span>
        <svg
          viewBox={`0 0 ${String(SIZE.width)} ${String(SIZE.height)}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={lines.map((each) => summary(each, words)).join(' ')}
        >
          <path
            className="lcs-grid"
            d={`M0 0H${String(SIZE.width)}M0 40H${String(SIZE.width)}M0 80H${String(SIZE.width)}`}
          />
          {lines.map(({ name, points }, index) => (
            <path key={name} className="lcs-line" data-line={index} d={linePath(points, frame)} />
          ))}
        </svg>
        <span className="lcs-times" aria-hidden="true">
          <span>{words.time(from)}</span>
          <span>{words.time(to)}</span>
        </span>
      </div>
    </figure>
  );
}

function summary({ name, points }: Line, words: ReturnType<typeof useSellerWords>): string {
  const known = points.flatMap(({ value }) => (value === undefined ? [] : [value]));
  if (known.length === 0) return `${name}: ${words.history.unknown}.`;
  const last = points.at(-1)?.value;
  return words.filled(words.history.summary, {
    what: name,
    least: words.number(Math.min(...known)),
    most: words.number(Math.max(...known)),
    last: last === undefined ? words.history.unknown : words.number(last),
  });
}

function HistoryTable({ points }: { readonly points: readonly HistoryPoint[] }): ReactNode {
  const words = useSellerWords();
  const { history, labels } = words;
  const cell = (value: number | undefined): string =>
    value === undefined ? history.unknown : words.number(Math.round(value));
  return (
    <details className="lcs-table">
      <summary>{history.table}</summary>
      {/* Focusable, so that a keyboard can scroll it. */}
      <div tabIndex={0} role="region" aria-label={history.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{history.time}</th>
              <th scope="col">{labels.onHls}</th>
              <th scope="col">{labels.onAgora}</th>
              <th scope="col">{`${history.bitrate} (kbit/s)`}</th>
            </tr>
          </thead>
          <tbody>
            {[...points].reverse().map(({ at, hls, agora, kbps }) => (
              <tr key={at}>
                <th scope="row">{words.time(at)}</th>
                <td>{cell(hls)}</td>
                <td>{cell(agora)}</td>
                <td>{cell(kbps)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
