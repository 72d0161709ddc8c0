import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select, SelectValue } from 'react-aria-components/Select';

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly text: string }[];
  readonly onChange: (value: Value) => void;
}

/** One of a few values. */
export function Choice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: ChoiceProps<Value>): ReactNode {
  return (
    <Select
      className="field"
      value={value}
      onChange={(key) => {
        const chosen = options.find((each) => each.value === key);
        if (chosen !== undefined) onChange(chosen.value);
      }}
    >
      <Label className="label">{label}</Label>
      <Button className="button select">
        <SelectValue className="select-value" />
        <span aria-hidden="true" className="select-arrow" />
      </Button>
      <Popover className="popover">
        <ListBox className="list-box" items={options.map((each) => ({ id: each.value, text: each.text }))}>
          {({ id, text }) => (
            <ListBoxItem id={id} textValue={text} className="list-item">
              {text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
