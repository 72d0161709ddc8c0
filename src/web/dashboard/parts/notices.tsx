import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { useWords } from '../app-context.ts';
import { ServiceError } from '../service/service-error.ts';
import { fill } from '../text/words.ts';

export function Loading({ what }: { readonly what?: string }): ReactNode {
  const { texts } = useWords();
  return (
    <p className="notice" role="status">
      <span className="spinner" aria-hidden="true" /> {what ?? texts.loading}
    </p>
  );
}

export function Empty({ children }: { readonly children: ReactNode }): ReactNode {
  return <p className="notice">{children}</p>;
}

/** What went wrong, and what the service says about it. */
export function useErrorText(): (error: unknown) => string {
  const { texts } = useWords();
  return (error) => {
    if (!(error instanceof ServiceError)) return texts.errors.crashed;
    return error.detail ?? texts.errors[error.kind];
  };
}

/** Why what was confirmed in a dialog did not work; nothing before it was tried. */
export function ActionFailure({ error }: { readonly error: unknown }): ReactNode {
  const { texts } = useWords();
  const textOf = useErrorText();
  if (error === null) return null;
  return (
    <p className="field-error" role="alert">
      {fill(texts.actions.failed, { detail: textOf(error) })}
    </p>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

export function Failure({ error, onRetry }: FailureProps): ReactNode {
  const { texts } = useWords();
  const textOf = useErrorText();
  return (
    <div className="notice" data-tone="poor" role="alert">
      <p>{textOf(error)}</p>
      {onRetry !== undefined && (
        <Button className="button" onPress={onRetry}>
          {texts.errors.retry}
        </Button>
      )}
    </div>
  );
}
