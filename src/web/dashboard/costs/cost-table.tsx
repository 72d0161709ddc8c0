import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { useWords } from '../app-context.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';
import { Choice } from '../parts/choice.tsx';
import { Unknown } from '../parts/figure.tsx';
import { Empty } from '../parts/notices.tsx';
import { saveFile } from '../parts/save-file.ts';
import type { CostsView } from './cost-queries.ts';
import { Amount, useMissing } from './amount.tsx';
import { costRows, type CostRow } from './cost-rows.ts';
import { costsCsv } from './costs-csv.ts';
import type { Days } from './costs-range.ts';
import { costGroups, type CostGroup, type CostsPartProps } from './costs-search.ts';
import { useCostTexts } from './use-costs.ts';

/** More rows are shown when they are asked for. */
const FIRST_ROWS = 50;

interface CostTableProps extends CostsPartProps {
  readonly costs: CostsView;
  readonly days: Days;
}

/** Costs by channel, platform or day, and the same as a file. */
export function CostTable({ costs, days, search, onChange }: CostTableProps): ReactNode {
  const { count } = useWords();
  const text = useCostTexts();
  const { by = 'channel' } = search;
  const [all, setAll] = useState(false);
  const rows = costRows(costs, by);
  const shown = all ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <section className="card" aria-label={text.groups[by]}>
      <div className="section-head">
        <Choice
          label={text.by}
          value={by}
          options={costGroups.map((value) => ({ value, text: text.groups[value] }))}
          onChange={(value) => {
            setAll(false);
            onChange({ by: value });
          }}
        />
        <Button
          className="button"
          isDisabled={rows.length === 0}
          onPress={() =>
            saveFile(
              `costs-by-${by}-${days.first}-${days.last}.csv`,
              'text/csv;charset=utf-8',
              costsCsv(rows, by),
            )
          }
        >
          {text.download}
        </Button>
      </div>
      {rows.length === 0 ? <Empty>{text.empty}</Empty> : <Rows rows={shown} by={by} />}
      {shown.length < rows.length && (
        <Button className="button" onPress={() => setAll(true)}>
          {count(text.showAll, rows.length)}
        </Button>
      )}
    </section>
  );
}

function Rows({ rows, by }: { readonly rows: readonly CostRow[]; readonly by: CostGroup }): ReactNode {
  const { percent } = useWords();
  const missing = useMissing();
  const text = useCostTexts();
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label={text.groups[by]}>
      <table className="data amounts">
        <ColumnHeads
          titles={[text.groups[by], text.spent, text.alone, text.saved, text.share, text.notCounted]}
        />
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">
                <Name name={row.name} by={by} />
              </th>
              <td>
                <Amount value={row.usd} atLeast={row.missingSeconds > 0} />
              </td>
              <td>
                <Amount value={row.onAgoraAloneUsd} atLeast={row.missingSeconds > 0} />
              </td>
              <td>
                <Amount value={row.savedUsd} />
              </td>
              <td>{row.savedShare === null ? <Unknown /> : percent(row.savedShare)}</td>
              <td>{row.missingSeconds === 0 ? text.nothingMissing : missing(row.missingSeconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Name({ name, by }: { readonly name: string | null; readonly by: CostGroup }): ReactNode {
  const { noPlatform } = useCostTexts();
  if (name === null) return noPlatform;
  if (by !== 'channel') return name;
  return (
    <Link to="/channels/$channelId" params={{ channelId: name }}>
      {name}
    </Link>
  );
}
