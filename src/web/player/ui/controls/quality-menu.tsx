import { useRef, type ReactNode } from 'react';
import type { PlayerSnapshot, QualityChoice } from '../../core/snapshot.ts';
import type { Layers } from '../layers.ts';
import { useWords } from '../words-context.ts';
import { Connection } from './connection.tsx';
import { qualityText } from './quality-text.ts';

interface QualityMenuProps {
  readonly snapshot: PlayerSnapshot;
  readonly open: boolean;
  readonly layers: Layers | undefined;
  readonly onToggle: () => void;
  readonly onClose: () => void;
  readonly onQuality: (choice: QualityChoice) => void;
  readonly onDataSaver: (on: boolean) => void;
}

export function QualityMenu({ snapshot, open, layers, onToggle, ...choices }: QualityMenuProps): ReactNode {
  const words = useWords();
  const button = useRef<HTMLButtonElement>(null);
  const { quality, connection } = snapshot;
  if (quality.options.length === 0) return null;
  const text = qualityText(quality, words);
  return (
    <>
      <button
        ref={button}
        type="button"
        className="lc-button lc-quality"
        aria-haspopup={quality.options.length === 1 ? 'dialog' : 'menu'}
        aria-expanded={open}
        aria-label={`${words.quality.quality}: ${text}`}
        title={words.quality.quality}
        onClick={onToggle}
      >
        {text}
      </button>
      {open && layers !== undefined && (
        <layers.QualityChoices
          {...{ ...choices, words, quality, button }}
          connection={<Connection connection={connection} explained />}
        />
      )}
    </>
  );
}
