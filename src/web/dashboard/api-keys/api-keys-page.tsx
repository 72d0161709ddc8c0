import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { ApiKeyView } from '../../../server/contract/api-keys.ts';
import { useApp, useWords } from '../app-context.ts';
import { Empty } from '../parts/notices.tsx';
import { Queried } from '../parts/queried.tsx';
import { useNow } from '../parts/use-now.ts';
import { AdminPage } from '../shell/admin-page.tsx';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { sortedKeys } from './key-state.ts';
import { KeyTable } from './key-table.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';

/** The API keys of the service: who has one, with which scope, whether it is used; create and revoke. */
export function ApiKeysPage(): ReactNode {
  const { texts } = useApp().words;
  return (
    <AdminPage title={texts.apiKeys.title}>
      <p className="quiet">{texts.apiKeys.intro}</p>
      <ApiKeys />
    </AdminPage>
  );
}

/** Reads the keys within the page, which admins alone open. */
function ApiKeys(): ReactNode {
  const keys = useQuery(useApp().queries.apiKeys);
  return <Queried query={keys}>{(data) => <KeyList keys={data} />}</Queried>;
}

function KeyList({ keys }: { readonly keys: readonly ApiKeyView[] }): ReactNode {
  const text = useWords().texts.apiKeys;
  const now = useNow();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKeyView>();
  const { inUse, ended } = sortedKeys(keys, now);
  return (
    <>
      <div className="actions">
        <Button className="button primary" onPress={() => setCreating(true)}>
          {text.create}
        </Button>
      </div>
      {inUse.length === 0 ? (
        <Empty>{text.none}</Empty>
      ) : (
        <KeyTable title={text.inUse} keys={inUse} onRevoke={setRevoking} />
      )}
      {ended.length > 0 && <KeyTable title={text.ended} keys={ended} />}
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
      {revoking !== undefined && <RevokeKeyDialog apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}
