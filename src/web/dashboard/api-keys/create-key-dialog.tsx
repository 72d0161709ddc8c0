import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { cacheKeys } from '../live/cache-keys.ts';
import { DialogFrame } from '../parts/dialog-frame.tsx';
import { procedures } from '../service/procedures.ts';
import { fill } from '../text/words.ts';
import { CreatedKey } from './created-key.tsx';
import { KeyForm, type KeyDraft } from './key-form.tsx';

interface Created {
  readonly name: string;
  readonly key: string;
}

/**
 * Creates a key, and shows it once. The key is in the state of this component alone, and not in the cache of mutations,
 * so that nothing of it is left when the dialog is closed.
 */
export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { service, words } = useApp();
  const { texts } = words;
  const client = useQueryClient();
  const [created, setCreated] = useState<Created>();
  const run = useMutation({
    mutationFn: async ({ name, scope, days }: KeyDraft): Promise<void> => {
      const { key } = await service.act(procedures.createApiKey, {
        name,
        scope,
        ...(days === undefined ? {} : { expiresInSeconds: days * 86_400 }),
      });
      setCreated({ name, key });
    },
    onSuccess: () => void client.invalidateQueries({ queryKey: cacheKeys.apiKeys }),
  });
  if (created === undefined)
    return (
      <DialogFrame title={texts.apiKeys.createTitle} isBusy={run.isPending} onClose={onClose}>
        <KeyForm
          isPending={run.isPending}
          error={run.error}
          onSubmit={(draft) => run.mutate(draft)}
          onCancel={onClose}
        />
      </DialogFrame>
    );
  return (
    // A stray press outside would lose the key.
    <DialogFrame title={fill(texts.apiKeys.createdTitle, { name: created.name })} isBusy onClose={onClose}>
      <CreatedKey apiKey={created.key} onDone={onClose} />
    </DialogFrame>
  );
}
