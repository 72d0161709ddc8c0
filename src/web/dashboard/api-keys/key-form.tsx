import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { FieldError } from 'react-aria-components/FieldError';
import { Form } from 'react-aria-components/Form';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField } from 'react-aria-components/TextField';
import {
  apiKeyNameSchema,
  apiKeyRequestSchema,
  type ApiKeyRequest,
} from '../../../server/contract/api-keys.ts';
import { useWords } from '../app-context.ts';
import { Choice } from '../parts/choice.tsx';
import { ActionFailure } from '../parts/notices.tsx';

export interface KeyDraft extends Pick<ApiKeyRequest, 'name' | 'scope'> {
  /** undefined: it does not expire. */
  readonly days: number | undefined;
}

const { options: scopes } = apiKeyRequestSchema.shape.scope;
const lives = ['30', '90', '365', 'never'] as const;

interface KeyFormProps {
  readonly isPending: boolean;
  /** Why the last attempt failed; null: it did not. */
  readonly error: unknown;
  readonly onSubmit: (draft: KeyDraft) => void;
  readonly onCancel: () => void;
}

/** Name, scope and expiry of a key. */
export function KeyForm({ isPending, error, onSubmit, onCancel }: KeyFormProps): ReactNode {
  const { texts } = useWords();
  const text = texts.apiKeys;
  const [name, setName] = useState('');
  const [wrong, setWrong] = useState(false);
  const [scope, setScope] = useState<KeyDraft['scope']>('operate');
  const [life, setLife] = useState<(typeof lives)[number]>('90');
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        const trimmed = name.trim();
        const valid = apiKeyNameSchema.safeParse(trimmed).success;
        setWrong(!valid);
        if (valid && !isPending)
          onSubmit({ name: trimmed, scope, days: life === 'never' ? undefined : Number(life) });
      }}
    >
      <TextField
        className="field"
        value={name}
        maxLength={100}
        autoComplete="off"
        autoFocus
        isInvalid={wrong}
        onChange={(value) => {
          setName(value);
          setWrong(false);
        }}
      >
        <Label className="label">{text.name}</Label>
        <Input className="input" placeholder={text.nameHint} />
        <FieldError className="field-error">{text.nameWrong}</FieldError>
      </TextField>
      <Choice
        label={text.scope}
        value={scope}
        options={scopes.map((value) => ({ value, text: value }))}
        onChange={setScope}
      />
      <p className="quiet small">{text.scopes[scope]}</p>
      <Choice
        label={text.life}
        value={life}
        options={lives.map((value) => ({ value, text: text.lives[value] }))}
        onChange={setLife}
      />
      <ActionFailure error={error} />
      <div className="dialog-buttons">
        <Button className="button" isDisabled={isPending} onPress={onCancel}>
          {texts.actions.cancel}
        </Button>
        <Button className="button primary" type="submit">
          {isPending ? texts.actions.working : text.createConfirm}
        </Button>
      </div>
    </Form>
  );
}
