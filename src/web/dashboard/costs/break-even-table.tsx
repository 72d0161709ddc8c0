import type { ReactNode } from 'react';
import { useWords } from '../app-context.ts';
import type { PlotChart } from '../channel/charts/plot.ts';
import { Amount } from './amount.tsx';
import { useCostTexts } from './use-costs.ts';

interface BreakEvenTableProps {
  readonly chart: PlotChart;
  readonly labelledBy: string;
}

/** The data of the chart. */
export function BreakEvenTable({ chart, labelledBy }: BreakEvenTableProps): ReactNode {
  const { number } = useWords();
  const text = useCostTexts().breakEven;
  return (
    <div className="scroll" tabIndex={0} role="group" aria-labelledby={labelledBy}>
      <table className="data amounts" aria-labelledby={labelledBy}>
        <thead>
          <tr>
            <th scope="col">{text.viewersAxis}</th>
            {chart.lines.map(({ name }, line) => (
              <th key={line} scope="col">
                {line === 0 ? text.agora : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {chart.times.map((viewers, index) => (
            <tr key={viewers}>
              <th scope="row">{number(viewers)}</th>
              {chart.lines.map(({ values }, line) => (
                <td key={line}>
                  <Amount value={values[index] ?? null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
