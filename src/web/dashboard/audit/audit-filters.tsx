import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Form } from 'react-aria-components/Form';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField } from 'react-aria-components/TextField';
import { auditActions, type AuditAction } from '../../../server/contract/audit.ts';
import { useWords } from '../app-context.ts';
import { Choice } from '../parts/choice.tsx';
import type { AuditSearch } from './audit-search.ts';
import { isoTimeOf, localTimeOf } from './local-time.ts';

/** Stands for "no filter" among the values of a choice; `*` is not in the alphabet of actions. */
const ANY = '*';

interface AuditFiltersProps {
  readonly search: AuditSearch;
  readonly onApply: (changed: AuditSearch) => void;
}

/** Filters by the beginning of a caller and a channel, by action and time. They are applied together. */
export function AuditFilters({ search, onApply }: AuditFiltersProps): ReactNode {
  const { texts } = useWords();
  const text = texts.audit.filters;
  const [actor, setActor] = useState(search.actor ?? '');
  const [channel, setChannel] = useState(search.channel ?? '');
  const [action, setAction] = useState(search.action ?? ANY);
  const [from, setFrom] = useState(localTimeOf(search.from));
  const [to, setTo] = useState(localTimeOf(search.to));
  const names: Readonly<Record<AuditAction, string>> = texts.audit.actions;
  const actions: { value: string; text: string }[] = [
    { value: ANY, text: text.any },
    ...auditActions.map((value) => ({ value, text: names[value] })),
  ];
  // A link may name an action that this page does not know.
  if (!actions.some(({ value }) => value === action)) actions.push({ value: action, text: action });
  return (
    <Form
      className="audit-filters"
      role="search"
      aria-label={text.label}
      onSubmit={(event) => {
        event.preventDefault();
        onApply({
          actor: actor.trim() || undefined,
          channel: channel.trim() || undefined,
          action: action === ANY ? undefined : action,
          from: isoTimeOf(from),
          to: isoTimeOf(to),
        });
      }}
    >
      <Field label={text.actor} hint={text.actorHint} value={actor} onChange={setActor} />
      <Field label={text.channel} hint={text.channelHint} value={channel} onChange={setChannel} />
      <Choice label={text.action} value={action} options={actions} onChange={setAction} />
      <Field label={text.from} type="datetime-local" value={from} onChange={setFrom} />
      <Field label={text.to} type="datetime-local" value={to} onChange={setTo} />
      <div className="actions">
        <Button type="submit" className="button primary">
          {text.apply}
        </Button>
        {Object.values(search).some((value) => value !== undefined) && (
          <Button className="button" onPress={() => onApply({})}>
            {text.clear}
          </Button>
        )}
      </div>
    </Form>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly type?: 'text' | 'datetime-local';
}

function Field({ label, hint, type = 'text', value, onChange }: FieldProps): ReactNode {
  return (
    <TextField
      className={type === 'text' ? 'field' : 'field time'}
      type={type}
      value={value}
      maxLength={1_024}
      onChange={onChange}
    >
      <Label className="label">{label}</Label>
      <Input className="input" {...(hint === undefined ? {} : { placeholder: hint })} />
    </TextField>
  );
}
