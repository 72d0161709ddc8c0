import type { ReactNode } from 'react';
import { useWords } from '../app-context.ts';
import { AtLeast, Unknown } from '../parts/figure.tsx';
import { fill } from '../text/words.ts';
import { useCostTexts } from './use-costs.ts';

const HOUR_SECONDS = 3_600;

interface AmountProps {
  /** Dollars; null: unknown. */
  readonly value: number | null;
  /** Some of the time was not counted: the amount is a lower bound. */
  readonly atLeast?: boolean;
}

/** An amount of money, which is never 0 because it is unknown. */
export function Amount({ value, atLeast = false }: AmountProps): ReactNode {
  const { usd } = useWords();
  if (value === null) return <Unknown />;
  return (
    <span className="figure">
      {atLeast && <AtLeast />}
      {usd(String(value))}
    </span>
  );
}

/** Writes how long was not counted. */
export function useMissing(): (seconds: number) => string {
  const { number } = useWords();
  const text = useCostTexts();
  return (seconds) =>
    seconds >= HOUR_SECONDS
      ? fill(text.hours, { n: number(seconds / HOUR_SECONDS) })
      : fill(text.minutes, { n: number(Math.ceil(seconds / 60)) });
}
