import type { ReactNode } from 'react';
import { useWords } from '../app-context.ts';
import { fill } from '../text/words.ts';

/** A number, or a dash where it is unknown: never 0. */
export function Figure({
  value,
  write,
}: {
  readonly value: number | null | undefined;
  readonly write?: (value: number) => string;
}): ReactNode {
  const words = useWords();
  if (value === null || value === undefined) return <Unknown />;
  return <span className="figure">{(write ?? words.number)(value)}</span>;
}

export function Unknown(): ReactNode {
  const { texts } = useWords();
  return (
    <span className="unknown">
      <span aria-hidden="true">–</span>
      <span className="hidden">{texts.unknown}</span>
    </span>
  );
}

/** Before a number that is a lower bound. */
export function AtLeast(): ReactNode {
  const { texts } = useWords();
  return (
    <>
      <span aria-hidden="true">≥ </span>
      <span className="hidden">{fill(texts.atLeast, { n: '' })}</span>
    </>
  );
}
