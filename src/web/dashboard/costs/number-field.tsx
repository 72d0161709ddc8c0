import { useState, type ReactNode } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField } from 'react-aria-components/TextField';
import { useWords } from '../app-context.ts';
import { fill } from '../text/words.ts';
import { parseEntered } from './what-if.ts';
import { useCostTexts } from './use-costs.ts';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  /** Called with what is valid alone. */
  readonly onChange: (value: number) => void;
  /** Called where it is not valid. */
  readonly onInvalid?: () => void;
}

/** A number as text, so that what is not valid stays and is explained. */
export function NumberField({ label, value, most, onChange, onInvalid }: NumberFieldProps): ReactNode {
  const { number } = useWords();
  const { whatIf } = useCostTexts();
  const [entered, setEntered] = useState<{ readonly text: string; readonly value: number | undefined }>({
    text: String(value),
    value,
  });
  // The value was changed elsewhere.
  const text = entered.value !== undefined && entered.value !== value ? String(value) : entered.text;
  const invalid = parseEntered(text, most) === undefined;
  return (
    <TextField
      className="field"
      value={text}
      isInvalid={invalid}
      maxLength={17}
      onChange={(changed) => {
        const parsed = parseEntered(changed, most);
        setEntered({ text: changed, value: parsed });
        if (parsed === undefined) onInvalid?.();
        else onChange(parsed);
      }}
    >
      <Label className="label">{label}</Label>
      <Input className="input" inputMode="decimal" autoComplete="off" />
      <FieldError className="field-error">{fill(whatIf.invalid, { most: number(most) })}</FieldError>
    </TextField>
  );
}
