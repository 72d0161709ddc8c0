import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { ChannelView } from '../../../../api/channel-view.ts';
import { useApp, useWords } from '../../app-context.ts';
import { numbersNow } from '../../live/numbers-now.ts';
import { DialogFrame } from '../../parts/dialog-frame.tsx';
import { ActionFailure } from '../../parts/notices.tsx';
import { fill } from '../../text/words.ts';
import { effectsOf, type ChannelAction } from '../effects.ts';
import { perform } from './perform.ts';

interface ConfirmDialogProps {
  readonly channel: ChannelView;
  readonly action: ChannelAction;
  /** `{id}` stands for the channel. */
  readonly title: string;
  readonly onClose: () => void;
  /** Whether what was chosen cannot be confirmed. */
  readonly isWrong?: boolean;
  /** What is to be chosen before the confirmation. */
  readonly children?: ReactNode;
}

/** Names the effect of an action, and performs it when it is confirmed. */
export function ConfirmDialog({
  channel,
  action,
  title,
  onClose,
  isWrong = false,
  children,
}: ConfirmDialogProps): ReactNode {
  const { service, words } = useApp();
  const { texts } = words;
  const run = useMutation({ mutationFn: () => perform(service, channel.id, action), onSuccess: onClose });
  const nothing = effectsOf(action, null).names.length === 0;
  return (
    <DialogFrame title={fill(title, { id: channel.id })} isBusy={run.isPending} onClose={onClose}>
      {children}
      <EffectText channel={channel} action={action} />
      <ActionFailure error={run.error} />
      <div className="dialog-buttons">
        <Button className="button" isDisabled={run.isPending} onPress={onClose}>
          {texts.actions.cancel}
        </Button>
        <Button
          className={
            action.kind === 'end' || action.kind === 'stop' ? 'button danger solid' : 'button primary'
          }
          isPending={run.isPending}
          isDisabled={nothing || isWrong}
          onPress={() => run.mutate()}
        >
          {run.isPending ? texts.actions.working : texts.actions[`${action.kind}Confirm`]}
        </Button>
      </div>
    </DialogFrame>
  );
}

/** "412 viewers are watching on HLS. ..." with the numbers of this moment. */
function EffectText({
  channel,
  action,
}: {
  readonly channel: ChannelView;
  readonly action: ChannelAction;
}): ReactNode {
  const { queries } = useApp();
  const { texts, count } = useWords();
  const { data: numbers } = useQuery(queries.numbers);
  const { viewers, names } = effectsOf(action, numbersNow(channel, numbers).hlsViewers);
  const platform = (action.kind === 'change' ? action.platform : undefined) ?? texts.actions.defaultPlatform;
  return (
    <div className="effects">
      {viewers !== undefined && (
        <p className="strong">
          {viewers === null
            ? texts.effects.watchingUnknown
            : viewers === 0
              ? texts.effects.nowatch
              : count(texts.effects.watching, viewers)}
        </p>
      )}
      {names.length === 0 && <p className="quiet">{texts.actions.nothingChanged}</p>}
      {names.map((name) => (
        <p key={name}>{fill(texts.effects[name], { platform })}</p>
      ))}
    </div>
  );
}
