import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { ChannelView } from '../../../../api/channel-view.ts';
import { useWords } from '../../app-context.ts';
import { actionsFor, type ChannelAction } from '../effects.ts';
import { CapsDialog } from './caps-dialog.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';

/** What can be done with the channel now. Each action is confirmed, with its effect named. */
export function ChannelActions({ channel }: { readonly channel: ChannelView }): ReactNode {
  const { texts } = useWords();
  const [open, setOpen] = useState<ChannelAction['kind']>();
  const close = (): void => setOpen(undefined);
  return (
    <div className="actions" role="group" aria-label={texts.actions.label}>
      {actionsFor(channel).map((kind) => (
        <Button
          key={kind}
          className={kind === 'end' ? 'button danger' : 'button'}
          onPress={() => setOpen(kind)}
        >
          {texts.actions[kind]}
        </Button>
      ))}
      {open === 'change' && <ChangeDialog channel={channel} onClose={close} />}
      {open === 'caps' && <CapsDialog channel={channel} onClose={close} />}
      {open !== undefined && open !== 'change' && open !== 'caps' && (
        <ConfirmDialog
          channel={channel}
          action={{ kind: open }}
          title={texts.actions[`${open}Title`]}
          onClose={close}
        />
      )}
    </div>
  );
}
