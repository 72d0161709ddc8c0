import type { ReactNode } from 'react';
import { Choice } from '../parts/choice.tsx';
import { costRanges, type Days } from './costs-range.ts';
import type { CostsPartProps } from './costs-search.ts';
import { useCostTexts } from './use-costs.ts';

/** Stands for dates that no range names. */
const OWN = 'own';

/** The days that are shown: a range that moves with the time, or dates. */
export function CostsFilters({
  search,
  days,
  onChange,
}: CostsPartProps & { readonly days: Days }): ReactNode {
  const text = useCostTexts();
  const own = search.from !== undefined && search.to !== undefined;
  const options = [
    ...costRanges.map((value) => ({ value, text: text.ranges[value] })),
    ...(own ? [{ value: OWN, text: text.ownDates } as const] : []),
  ];
  return (
    <div className="cost-filters" role="search">
      <Choice
        label={text.range}
        value={own ? OWN : (search.range ?? '7d')}
        options={options}
        onChange={(range) => {
          if (range !== OWN) onChange({ range, from: undefined, to: undefined });
        }}
      />
      <DateField
        label={text.from}
        value={days.first}
        onChange={(first) => onChange({ range: undefined, from: first, to: days.last })}
      />
      <DateField
        label={text.to}
        value={days.last}
        onChange={(last) => onChange({ range: undefined, from: days.first, to: last })}
      />
    </div>
  );
}

interface DateFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (day: string) => void;
}

function DateField({ label, value, onChange }: DateFieldProps): ReactNode {
  return (
    <label className="field">
      <span className="label">{label}</span>
      <input
        className="input"
        type="date"
        value={value}
        onChange={({ target }) => {
          // Empty while a date is typed.
          if (target.value !== '') onChange(target.value);
        }}
      />
    </label>
  );
}
