import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { ApiKeyView } from '../../../server/contract/api-keys.ts';
import { useApp } from '../app-context.ts';
import { cacheKeys } from '../live/cache-keys.ts';
import { DialogFrame } from '../parts/dialog-frame.tsx';
import { ActionFailure } from '../parts/notices.tsx';
import { procedures } from '../service/procedures.ts';
import { fill } from '../text/words.ts';

interface RevokeKeyDialogProps {
  readonly apiKey: ApiKeyView;
  readonly onClose: () => void;
}

/** Says what stops to work, and revokes the key when that is confirmed. */
export function RevokeKeyDialog({ apiKey, onClose }: RevokeKeyDialogProps): ReactNode {
  const { service, queries, words } = useApp();
  const { texts, yearDateTime } = words;
  const text = texts.apiKeys;
  const { id, name, lastUsedAt } = apiKey;
  const client = useQueryClient();
  const { data: session } = useQuery(queries.session);
  const run = useMutation({
    mutationFn: () => service.act(procedures.revokeApiKey, { id }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: cacheKeys.apiKeys });
      onClose();
    },
  });
  return (
    <DialogFrame title={fill(text.revokeTitle, { name })} isBusy={run.isPending} onClose={onClose}>
      <div className="effects">
        <p className="strong">
          {lastUsedAt === null
            ? text.revokeNeverUsed
            : fill(text.revokeUsed, { time: yearDateTime(Date.parse(lastUsedAt)) })}
        </p>
        <p>{text.revokeText}</p>
        {session?.subject === `api-key:${id}` && <p className="strong">{text.revokeOwn}</p>}
      </div>
      <ActionFailure error={run.error} />
      <div className="dialog-buttons">
        <Button className="button" isDisabled={run.isPending} onPress={onClose}>
          {texts.actions.cancel}
        </Button>
        <Button className="button danger solid" isPending={run.isPending} onPress={() => run.mutate()}>
          {run.isPending ? texts.actions.working : text.revokeConfirm}
        </Button>
      </div>
    </DialogFrame>
  );
}
