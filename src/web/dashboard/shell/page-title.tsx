import { useEffect, useRef, type ReactNode } from 'react';
import { useWords } from '../app-context.ts';

/** The heading of a page. It receives the focus that a link of the previous page had, and names the tab. */
export function PageTitle({ children }: { readonly children: string }): ReactNode {
  const { texts } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · ${texts.product}`;
  }, [children, texts]);
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
