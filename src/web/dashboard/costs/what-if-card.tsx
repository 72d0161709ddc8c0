import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import type { PricesView } from '../../../server/contract/costs.ts';
import { useWords } from '../app-context.ts';
import { Choice } from '../parts/choice.tsx';
import { Unknown } from '../parts/figure.tsx';
import { Amount } from './amount.tsx';
import { limits, type CostsSearch, type CostsPartProps } from './costs-search.ts';
import { NumberField } from './number-field.tsx';
import { outcomeOf, type Assumption } from './what-if.ts';
import { useCostTexts } from './use-costs.ts';

/** Fields, by their member in the address. */
const fields = [
  { name: 'agora', assumed: 'agoraViewer', most: limits.usd },
  { name: 'hls', assumed: 'hlsViewer', most: limits.usd },
  { name: 'relay', assumed: 'relay', most: limits.usd },
  { name: 'viewers', assumed: 'viewers', most: limits.viewers },
  { name: 'hours', assumed: 'hours', most: limits.hours },
] as const;
type FieldName = (typeof fields)[number]['name'];

const someAudience = { viewers: 100, hours: 40 } as const;

interface WhatIfCardProps extends CostsPartProps {
  readonly prices: PricesView;
}

/** What a month would cost with other prices and another audience. */
export function WhatIfCard({ prices, search, onChange }: WhatIfCardProps): ReactNode {
  const { count } = useWords();
  const { whatIf: text, breakEven: breakEvenText } = useCostTexts();
  const { resolution = '720p' } = search;
  const rates = prices.rates.filter((each) => each.resolution === resolution);
  const base = rates.find(({ platform }) => platform === search.platform) ?? rates[0];
  const [invalid, setInvalid] = useState<ReadonlySet<FieldName>>(new Set());
  const values: Readonly<Record<FieldName, number>> = {
    agora: search.agora ?? Number(base?.agoraViewerUsd ?? 0),
    hls: search.hls ?? Number(base?.hlsViewerUsd ?? 0),
    relay: search.relay ?? Number(base?.relayUsd ?? 0),
    viewers: search.viewers ?? someAudience.viewers,
    hours: search.hours ?? someAudience.hours,
  };
  const valid = (name: FieldName): number | undefined => (invalid.has(name) ? undefined : values[name]);
  const assumption: Assumption = {
    agoraViewer: valid('agora'),
    hlsViewer: valid('hls'),
    relay: valid('relay'),
    viewers: valid('viewers'),
    hours: valid('hours'),
  };
  const { onAgora, onHls, saved, breakEven } = outcomeOf(assumption);
  const mark = (name: FieldName, isInvalid: boolean): void => {
    if (invalid.has(name) === isInvalid) return;
    setInvalid(new Set(isInvalid ? [...invalid, name] : [...invalid].filter((each) => each !== name)));
  };
  const inUse: CostsSearch = { agora: undefined, hls: undefined, relay: undefined };
  return (
    <section className="card" aria-labelledby="what-if">
      <h2 id="what-if">{text.title}</h2>
      <p className="quiet">{text.intro}</p>
      <div className="cost-filters">
        {base !== undefined && (
          <Choice
            label={text.platform}
            value={base.platform}
            options={rates.map(({ platform }) => ({ value: platform, text: platform }))}
            onChange={(platform) => {
              setInvalid(new Set());
              onChange({ ...inUse, platform });
            }}
          />
        )}
        {fields.map(({ name, assumed, most }) => (
          <NumberField
            // Other prices in use replace what is not valid.
            key={`${name} ${base?.platform ?? ''} ${resolution}`}
            label={text[assumed]}
            value={values[name]}
            most={most}
            onChange={(value) => {
              mark(name, false);
              onChange({ [name]: value });
            }}
            onInvalid={() => mark(name, true)}
          />
        ))}
      </div>
      <output className="outcome">
        <dl className="facts numbers">
          <dt>{text.onAgora}</dt>
          <dd className="strong">
            <Amount value={onAgora} />
          </dd>
          <dt>{text.onHls}</dt>
          <dd className="strong">
            <Amount value={onHls} />
          </dd>
          <dt>{text.saved}</dt>
          <dd className="strong">
            <Amount value={saved} />
          </dd>
          <dt>{text.breakEven}</dt>
          <dd className="strong">
            {breakEven === undefined ? (
              <Unknown />
            ) : breakEven === null ? (
              text.never
            ) : (
              count(breakEvenText.viewers, breakEven)
            )}
          </dd>
        </dl>
      </output>
      <div>
        <Button
          className="button"
          onPress={() => {
            setInvalid(new Set());
            onChange({ ...inUse, viewers: undefined, hours: undefined });
          }}
        >
          {text.reset}
        </Button>
      </div>
    </section>
  );
}
