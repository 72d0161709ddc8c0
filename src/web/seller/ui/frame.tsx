import { useMemo, type ReactNode } from 'react';
import { en } from '../text/en.ts';
import { sellerWordsOf } from '../text/words.ts';
import type { LookProps } from './look-props.ts';
import { SellerWordsContext } from './words-context.ts';

export interface FrameProps extends LookProps {
  readonly className: string;
  /** Name where there is no title. */
  readonly name: (words: ReturnType<typeof sellerWordsOf>) => string;
  /** For pages whose output must not depend on the device. */
  readonly timeZone?: string | undefined;
  readonly children: ReactNode;
}

/** The outermost element of a component, with its words. */
export function Frame({ className, name, timeZone, children, ...look }: FrameProps): ReactNode {
  const { title, texts = en, locale, dir, theme = 'auto' } = look;
  const words = useMemo(() => sellerWordsOf(texts, locale, timeZone), [texts, locale, timeZone]);
  return (
    <SellerWordsContext.Provider value={words}>
      <section
        className={`lc-seller ${className}`}
        aria-label={title ?? name(words)}
        lang={words.locale}
        dir={dir ?? words.direction}
        data-theme={theme}
      >
        {children}
      </section>
    </SellerWordsContext.Provider>
  );
}
