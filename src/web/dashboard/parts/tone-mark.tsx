import type { ReactNode } from 'react';
import type { Tone } from '../channel/channel-state.ts';

/** A word with a dot in the colour of its tone. */
export function ToneMark({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <span className="tone" data-tone={tone}>
      <span className="dot" aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}
