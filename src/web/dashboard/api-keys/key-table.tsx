import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { ApiKeyView } from '../../../server/contract/api-keys.ts';
import { useWords } from '../app-context.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import { fill } from '../text/words.ts';
import { keyTones, type KeyWithState } from './key-state.ts';

interface KeyTableProps {
  readonly title: string;
  readonly keys: readonly KeyWithState[];
  /** undefined: there is nothing to revoke. */
  readonly onRevoke?: (apiKey: ApiKeyView) => void;
}

export function KeyTable({ title, keys, onRevoke }: KeyTableProps): ReactNode {
  const text = useWords().texts.apiKeys;
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <table className="data stacked">
        <ColumnHeads
          titles={[
            text.name,
            text.scope,
            text.created,
            text.lastUsed,
            text.expires,
            text.state,
            text.actionsColumn,
          ]}
        />
        <tbody>
          {keys.map((each) => (
            <Row key={each.apiKey.id} {...each} onRevoke={onRevoke} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps extends KeyWithState {
  readonly onRevoke: ((apiKey: ApiKeyView) => void) | undefined;
}

function Row({ apiKey, state, onRevoke }: RowProps): ReactNode {
  const { texts, yearDateTime } = useWords();
  const text = texts.apiKeys;
  const { id, name, scopes, createdAt, lastUsedAt, expiresAt, revokedAt } = apiKey;
  const timeOf = (at: string | null): string => (at === null ? text.never : yearDateTime(Date.parse(at)));
  return (
    <tr>
      <th scope="row" className="long">
        {name}
        <code className="quiet block">{id}</code>
      </th>
      <td data-label={text.scope}>{scopes.join(', ')}</td>
      <td data-label={text.created}>{timeOf(createdAt)}</td>
      <td data-label={text.lastUsed}>{timeOf(lastUsedAt)}</td>
      <td data-label={text.expires}>{timeOf(expiresAt)}</td>
      <td data-label={text.state}>
        <ToneMark tone={keyTones[state]}>{text.states[state]}</ToneMark>
        {revokedAt !== null && (
          <span className="quiet block small">{fill(text.revokedAt, { time: timeOf(revokedAt) })}</span>
        )}
      </td>
      <td>
        <div className="actions">
          <Link
            to="/audit"
            search={{ actor: `api-key:${id}`, whole: true }}
            className="button small"
            aria-label={fill(text.entriesOf, { name })}
          >
            {text.entries}
          </Link>
          {onRevoke !== undefined && (
            <Button
              className="button danger small"
              aria-label={fill(text.revokeOf, { name })}
              onPress={() => onRevoke(apiKey)}
            >
              {text.revoke}
            </Button>
          )}
        </div>
      </td>
    </tr>
  );
}
