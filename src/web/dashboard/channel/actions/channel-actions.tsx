import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { ChannelView } from '../../../../api/channel-view.ts';
import { useApp } from '../../app-context.ts';
import { fill } from '../../text/words.ts';
import { actionsFor, obstacleOf, type ChannelAction } from '../effects.ts';
import { CapsDialog } from './caps-dialog.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';

/** What can be done with the channel now. Each action is confirmed, with its effect named; what its platform cannot do says so. */
export function ChannelActions({ channel }: { readonly channel: ChannelView }): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const { data: platforms } = useQuery(queries.platforms);
  const platform = platforms?.find(({ name }) => name === channel.platform);
  const noteId = useId();
  const [open, setOpen] = useState<ChannelAction['kind']>();
  const close = (): void => setOpen(undefined);
  const kinds = actionsFor(channel);
  const obstacles = kinds.flatMap((kind) => obstacleOf(kind, platform) ?? []);
  return (
    <div className="actions" role="group" aria-label={texts.actions.label}>
      {kinds.map((kind) => {
        const isPossible = obstacleOf(kind, platform) === undefined;
        return (
          <Button
            key={kind}
            className={kind === 'end' ? 'button danger' : 'button'}
            isDisabled={!isPossible}
            {...(isPossible ? {} : { 'aria-describedby': noteId })}
            onPress={() => setOpen(kind)}
          >
            {texts.actions[kind]}
          </Button>
        );
      })}
      {obstacles.length > 0 && (
        <p id={noteId} className="quiet small">
          {obstacles
            .map((each) => fill(texts.actions.obstacles[each], { platform: platform?.name ?? '' }))
            .join(' ')}
        </p>
      )}
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
