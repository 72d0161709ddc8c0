import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { BudgetView } from '../../../server/contract/costs.ts';
import { useWords } from '../app-context.ts';
import type { Tone } from '../channel/channel-state.ts';
import { Unknown } from '../parts/figure.tsx';
import { Queried } from '../parts/queried.tsx';
import { ColumnHeads } from '../parts/column-heads.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import { Amount } from './amount.tsx';
import { useCostQueries, useCostTexts } from './use-costs.ts';

const tones: Readonly<Record<BudgetView['level'], Tone>> = {
  ok: 'good',
  nearly: 'fair',
  spent: 'poor',
  unknown: 'quiet',
};

/** Budgets of channels: what is spent of what, and what the operator does about it. */
export function BudgetsCard(): ReactNode {
  const queries = useCostQueries();
  const text = useCostTexts().budgets;
  const budgets = useQuery(queries.budgets);
  return (
    <section className="card" aria-labelledby="budgets">
      <h2 id="budgets">{text.title}</h2>
      <Queried query={budgets}>
        {(data) =>
          data.length === 0 ? <p className="quiet">{text.none}</p> : <BudgetTable budgets={data} />
        }
      </Queried>
    </section>
  );
}

function BudgetTable({ budgets }: { readonly budgets: readonly BudgetView[] }): ReactNode {
  const text = useCostTexts().budgets;
  return (
    <div className="scroll" tabIndex={0} role="group" aria-labelledby="budgets">
      <table className="data amounts" aria-labelledby="budgets">
        <ColumnHeads titles={[text.channel, text.spent, text.limit, text.share, text.state, text.action]} />
        <tbody>
          {budgets.map((budget) => (
            <BudgetRow key={budget.channelId} budget={budget} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BudgetRow({ budget }: { readonly budget: BudgetView }): ReactNode {
  const { percent } = useWords();
  const text = useCostTexts().budgets;
  const { channelId, per, level, action, message } = budget;
  const limit = Number(budget.limitUsd);
  const spent = budget.spentUsd === null ? null : Number(budget.spentUsd);
  const share = spent === null || limit === 0 ? null : spent / limit;
  return (
    <tr>
      <th scope="row">
        <Link to="/channels/$channelId" params={{ channelId }}>
          {channelId}
        </Link>
      </th>
      <td>
        <Amount value={spent} />
      </td>
      <td>
        <Amount value={limit} /> <span className="quiet">{text.per[per]}</span>
      </td>
      <td>
        {share === null ? (
          <Unknown />
        ) : (
          <span className="share">
            <meter
              min={0}
              max={1}
              low={0.8}
              high={0.999}
              optimum={0}
              value={Math.min(1, share)}
              aria-hidden="true"
            />
            <span className="figure">{percent(share)}</span>
          </span>
        )}
      </td>
      <td>
        <ToneMark tone={tones[level]}>{text.levels[level]}</ToneMark>
        {level !== 'ok' && message !== '' && <span className="quiet block">{message}</span>}
      </td>
      <td>{text.actions[action]}</td>
    </tr>
  );
}
