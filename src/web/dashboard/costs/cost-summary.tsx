import type { ReactNode } from 'react';
import { useWords } from '../app-context.ts';
import { Card } from '../parts/card.tsx';
import { Unknown } from '../parts/figure.tsx';
import type { CostsView } from './cost-queries.ts';
import { fill } from '../text/words.ts';
import { Amount, useMissing } from './amount.tsx';
import { costRow } from './cost-rows.ts';
import { useCostTexts } from './use-costs.ts';

/** The sums of the range. */
export function CostSummary({ costs }: { readonly costs: CostsView }): ReactNode {
  const { usd, percent } = useWords();
  const missing = useMissing();
  const text = useCostTexts();
  const row = costRow(null, costs);
  const incomplete = row.missingSeconds > 0;
  return (
    <div className="cards">
      <Card title={text.spent}>
        <p className="big">
          <Amount value={row.usd} atLeast={incomplete} />
        </p>
        <p className="quiet">{costs.estimated ? text.estimated : text.reported}</p>
        <p className={incomplete ? 'warn' : 'quiet'}>
          {incomplete ? fill(text.incomplete, { time: missing(row.missingSeconds) }) : text.complete}
        </p>
      </Card>
      <Card title={text.alone}>
        <p className="big">
          <Amount value={row.onAgoraAloneUsd} atLeast={incomplete} />
        </p>
        <p className="quiet">{row.onAgoraAloneUsd === null ? text.aloneUnknown : text.aloneWhat}</p>
      </Card>
      <Card title={text.saved}>
        <p className="big">
          <Amount value={row.savedUsd} />
        </p>
        {row.savedShare !== null && (
          <p className="quiet">
            {row.savedShare < 0
              ? text.costsMore
              : fill(text.savedShare, { percent: percent(row.savedShare) })}
          </p>
        )}
      </Card>
      <Card title={text.forecast}>
        <p className="big">{costs.monthForecastUsd === null ? <Unknown /> : usd(costs.monthForecastUsd)}</p>
      </Card>
    </div>
  );
}
