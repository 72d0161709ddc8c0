import { useState, type ReactNode } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField } from 'react-aria-components/TextField';
import type { ChannelView } from '../../../../api/channel-view.ts';
import { resolutions, videoBitrateCapKbps } from '../../../../api/values.ts';
import { useWords } from '../../app-context.ts';
import { Choice } from '../../parts/choice.tsx';
import { fill } from '../../text/words.ts';
import { parseBitrateCap } from './bitrate-cap.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

interface CapsDialogProps {
  readonly channel: ChannelView;
  readonly onClose: () => void;
}

/** The highest resolution and bit rate that the relay sends. */
export function CapsDialog({ channel, onClose }: CapsDialogProps): ReactNode {
  const { texts, number } = useWords();
  const text = texts.actions;
  const [maxResolution, setMaxResolution] = useState(channel.maxResolution);
  const [entered, setEntered] = useState(String(channel.maxVideoBitrateKbps ?? ''));
  const cap = parseBitrateCap(entered);
  const { min, max } = videoBitrateCapKbps;
  return (
    <ConfirmDialog
      channel={channel}
      action={{
        kind: 'caps',
        maxResolution: maxResolution === channel.maxResolution ? undefined : maxResolution,
        maxVideoBitrateKbps: cap === channel.maxVideoBitrateKbps ? undefined : cap,
      }}
      title={text.capsTitle}
      isWrong={cap === undefined}
      onClose={onClose}
    >
      <Choice
        label={text.maxResolution}
        value={maxResolution}
        options={resolutions.map((value) => ({ value, text: value }))}
        onChange={setMaxResolution}
      />
      <TextField
        className="field"
        value={entered}
        inputMode="numeric"
        maxLength={6}
        autoComplete="off"
        isInvalid={cap === undefined}
        onChange={setEntered}
      >
        <Label className="label">{text.maxBitrate}</Label>
        <Input className="input" placeholder={text.maxBitrateHint} />
        <FieldError className="field-error">
          {fill(text.maxBitrateWrong, { min: number(min), max: number(max) })}
        </FieldError>
      </TextField>
    </ConfirmDialog>
  );
}
