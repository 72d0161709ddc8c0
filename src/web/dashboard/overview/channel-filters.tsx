import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { SearchField } from 'react-aria-components/SearchField';
import { useWords } from '../app-context.ts';
import { channelStates } from '../channel/channel-state.ts';
import { Choice } from '../parts/choice.tsx';
import { filterHealths, type OverviewSearch } from './overview-search.ts';

/** Stands for "no filter" among the values of a choice; `*` is not in the alphabet of platforms. */
const ANY = '*';

interface ChannelFiltersProps {
  readonly q: string;
  readonly onText: (q: string) => void;
  readonly search: OverviewSearch;
  readonly onChange: (changed: OverviewSearch) => void;
  readonly onClear: () => void;
  readonly platforms: readonly string[];
  readonly shown: number;
  readonly total: number;
}

export function ChannelFilters(props: ChannelFiltersProps): ReactNode {
  const { texts, count, number } = useWords();
  const { q, onText, search, onChange, onClear, platforms, shown, total } = props;
  const text = texts.table;
  const { state, platform, health } = search;
  const filtered = q !== '' || state !== undefined || platform !== undefined || health !== undefined;
  const any = { value: ANY, text: text.any } as const;
  return (
    <div className="filters" role="search">
      <SearchField className="field grow" value={q} onChange={onText} maxLength={200}>
        <Label className="label">{text.search}</Label>
        <Input className="input" placeholder={text.searchHint} />
      </SearchField>
      <Choice
        label={text.status}
        value={state ?? ANY}
        options={[any, ...channelStates.map((value) => ({ value, text: texts.states[value].name }))]}
        onChange={(value) => onChange({ state: value === ANY ? undefined : value })}
      />
      <Choice
        label={text.platform}
        value={platform ?? ANY}
        options={[
          any,
          ...platforms.map((value) => ({ value, text: value === '' ? text.noPlatform : value })),
        ]}
        onChange={(value) => onChange({ platform: value === ANY ? undefined : value })}
      />
      <Choice
        label={text.health}
        value={health ?? ANY}
        options={[any, ...filterHealths.map((value) => ({ value, text: texts.health[value] }))]}
        onChange={(value) => onChange({ health: value === ANY ? undefined : value })}
      />
      <p className="shown quiet" role="status">
        {count(text.shown, shown, { total: number(total) })}
      </p>
      {filtered && (
        <Button className="button" onPress={onClear}>
          {text.clear}
        </Button>
      )}
    </div>
  );
}
