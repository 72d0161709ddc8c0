import { Component, type ReactNode } from 'react';
import type { Texts } from '../text/words.ts';

interface Props {
  readonly texts: Texts;
  readonly children: ReactNode;
}

/** The last resort: a fault of the page is said in words, and never leaves an empty window. */
export class ErrorBoundary extends Component<Props, { readonly crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { readonly crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    return this.state.crashed ? <Crash texts={this.props.texts} /> : this.props.children;
  }
}

export function Crash({ texts }: { readonly texts: Texts }): ReactNode {
  return (
    <div className="gate">
      <div className="card" role="alert">
        <h1>{texts.errors.title}</h1>
        <p>{texts.errors.crashed}</p>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          {texts.errors.reload}
        </button>
      </div>
    </div>
  );
}
