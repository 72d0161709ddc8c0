import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import type { AuditEntryView } from '../../../server/contract/audit.ts';
import { useApp, useWords } from '../app-context.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import { fill, isKeyOf } from '../text/words.ts';
import { actorOf } from './actor.ts';
import { detailText } from './detail-text.ts';

/** Entries, each with a link to those of the same caller. A narrow window shows each as a block. */
export function AuditTable({ entries }: { readonly entries: readonly AuditEntryView[] }): ReactNode {
  const { queries, words } = useApp();
  const text = words.texts.audit;
  const { data: keys } = useQuery(queries.apiKeys);
  const keyNames = useMemo(() => new Map(keys?.map(({ id, name }) => [id, name])), [keys]);
  return (
    <section className="card" aria-label={text.title}>
      <table className="data stacked">
        <ColumnHeads titles={[text.time, text.who, text.what, text.channel, text.outcome]} />
        <tbody>
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} keyNames={keyNames} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface EntryProps {
  readonly entry: AuditEntryView;
  readonly keyNames: ReadonlyMap<string, string>;
}

function Entry({ entry, keyNames }: EntryProps): ReactNode {
  const { texts, yearDateTime } = useWords();
  const text = texts.audit;
  const { at, subject, action, channelId, outcome, requestId, address, detail } = entry;
  const { kind, name } = actorOf(subject, keyNames);
  const actor = name ?? text.actors[kind];
  const requested = detailText(detail);
  return (
    <tr>
      <td className="nowrap">
        <time dateTime={at}>{yearDateTime(Date.parse(at))}</time>
      </td>
      <td>
        <Link
          to="/audit"
          search={{ actor: subject, whole: true }}
          title={fill(text.onlyActor, { name: subject })}
        >
          {actor}
        </Link>
        {name !== undefined && <span className="quiet block small">{text.actors[kind]}</span>}
        {address !== null && <span className="quiet block small long">{fill(text.from, { address })}</span>}
      </td>
      <td>
        <span className="strong">{isKeyOf(text.actions, action) ? text.actions[action] : action}</span>
        {requested !== '' && <code className="quiet block long">{requested}</code>}
      </td>
      <td className="long">
        {channelId !== null && (
          <Link to="/channels/$channelId" params={{ channelId }}>
            {channelId}
          </Link>
        )}
      </td>
      <td>
        <ToneMark tone={outcome === 'ok' ? 'good' : 'fair'}>
          {outcome === 'ok' ? text.ok : fill(text.refused, { code: outcome })}
        </ToneMark>
        {requestId !== '' && (
          <span className="quiet block small long">{fill(text.request, { id: requestId })}</span>
        )}
      </td>
    </tr>
  );
}
