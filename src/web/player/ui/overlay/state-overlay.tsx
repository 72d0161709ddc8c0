import type { ReactNode } from 'react';
import { PlayIcon } from '../controls/icons.tsx';
import { useWords } from '../words-context.ts';
import type { StateAction, StateMessage } from './state-message.ts';

interface StateOverlayProps {
  readonly message: StateMessage;
  readonly onAction: (action: StateAction) => void;
}

/** The state in words, what happens next, and what the viewer can do. */
export function StateOverlay({ message, onAction }: StateOverlayProps): ReactNode {
  const { actions } = useWords();
  const labels: Readonly<Record<StateAction, string>> = {
    retry: actions.retry,
    play: actions.play,
    'use-agora': actions.useAgora,
    'save-data': actions.saveData,
  };
  return (
    <div className={`lc-overlay lc-${message.layout}`}>
      <div className="lc-message">
        {message.busy && <span className="lc-spinner" aria-hidden="true" />}
        <div className="lc-words">
          <p className="lc-what">{message.what}</p>
          <p>{message.next}</p>
        </div>
        {message.actions.map((action) => (
          <button
            key={action}
            type="button"
            className="lc-action"
            onClick={() => {
              onAction(action);
            }}
          >
            {action === 'play' && <PlayIcon />}
            {labels[action]}
          </button>
        ))}
      </div>
    </div>
  );
}
