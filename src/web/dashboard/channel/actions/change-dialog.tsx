import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ChannelView } from '../../../../api/channel-view.ts';
import { streamModes } from '../../../../api/values.ts';
import { useApp } from '../../app-context.ts';
import { Choice } from '../../parts/choice.tsx';
import { fill } from '../../text/words.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

interface ChangeDialogProps {
  readonly channel: ChannelView;
  readonly onClose: () => void;
}

/** Another mode, another platform, or both. */
export function ChangeDialog({ channel, onClose }: ChangeDialogProps): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const { data: platforms = [] } = useQuery(queries.platforms);
  const [streamMode, setStreamMode] = useState(channel.streamMode);
  const current = channel.platform ?? '';
  const [platform, setPlatform] = useState(current);
  const names = platforms.map(({ name, ready }) => ({
    value: name,
    text: ready ? name : fill(texts.actions.notReady, { platform: name }),
  }));
  const known = names.some(({ value }) => value === current);
  return (
    <ConfirmDialog
      channel={channel}
      action={{
        kind: 'change',
        streamMode: streamMode === channel.streamMode ? undefined : streamMode,
        platform: platform === current ? undefined : platform,
      }}
      title={texts.actions.changeTitle}
      onClose={onClose}
    >
      <Choice
        label={texts.actions.newMode}
        value={streamMode}
        options={streamModes.map((value) => ({ value, text: texts.modes[value] }))}
        onChange={setStreamMode}
      />
      <Choice
        label={texts.actions.newPlatform}
        value={platform}
        options={known ? names : [{ value: current, text: current || texts.table.noPlatform }, ...names]}
        onChange={setPlatform}
      />
    </ConfirmDialog>
  );
}
