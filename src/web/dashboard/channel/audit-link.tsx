import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { mayUse } from '../service/scope.ts';

/** To what was done with the channel, for those who may read it. */
export function AuditLink({ channelId }: { readonly channelId: string }): ReactNode {
  const { queries, words } = useApp();
  const { data: session } = useQuery(queries.session);
  if (!session || !mayUse(session, 'admin')) return null;
  return (
    <Link to="/audit" search={{ channel: channelId, whole: true }}>
      {words.texts.audit.onlyChannel}
    </Link>
  );
}
