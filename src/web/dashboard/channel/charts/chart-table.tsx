import type { ReactNode } from 'react';
import { useWords } from '../../app-context.ts';
import { Figure } from '../../parts/figure.tsx';
import type { ChartData } from './chart-data.ts';

interface ChartTableProps {
  readonly chart: ChartData;
  readonly labelledBy: string;
}

/** The data of a chart, newest first. */
export function ChartTable({ chart, labelledBy }: ChartTableProps): ReactNode {
  const { texts, dateTime } = useWords();
  const { times, lines } = chart;
  return (
    <div className="scroll" tabIndex={0} role="group" aria-labelledby={labelledBy}>
      <table className="data" aria-labelledby={labelledBy}>
        <thead>
          <tr>
            <th scope="col">{texts.charts.time}</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col">
                {texts.charts[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times
            .map((time, index) => (
              <tr key={time}>
                <th scope="row">{dateTime(time)}</th>
                {lines.map(({ name, values }) => (
                  <td key={name}>
                    <Figure value={values[index]} />
                  </td>
                ))}
              </tr>
            ))
            .toReversed()}
        </tbody>
      </table>
    </div>
  );
}
