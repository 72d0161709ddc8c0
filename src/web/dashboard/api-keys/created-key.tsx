import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField } from 'react-aria-components/TextField';
import { useWords } from '../app-context.ts';

interface CreatedKeyProps {
  readonly apiKey: string;
  readonly onDone: () => void;
}

/** The key, to be copied. */
export function CreatedKey({ apiKey, onDone }: CreatedKeyProps): ReactNode {
  const text = useWords().texts.apiKeys;
  const [copied, setCopied] = useState<boolean>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(apiKey);
      setCopied(true);
    } catch {
      // The browser refuses, or the page was not loaded by TLS.
      setCopied(false);
    }
  };
  return (
    <>
      <p>{text.createdText}</p>
      <div className="copy-field">
        <TextField className="field" value={apiKey} isReadOnly autoFocus autoComplete="off">
          <Label className="label">{text.key}</Label>
          <Input
            className="input code"
            spellCheck="false"
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </TextField>
        <Button className="button" onPress={() => void copy()}>
          {text.copy}
        </Button>
      </div>
      <p role="status" className="quiet copy-state">
        {copied !== undefined && (copied ? text.copied : text.notCopied)}
      </p>
      <div className="dialog-buttons">
        <Button className="button primary" onPress={onDone}>
          {text.done}
        </Button>
      </div>
    </>
  );
}
