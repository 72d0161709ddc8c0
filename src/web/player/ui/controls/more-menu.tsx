import { useRef, type ReactNode } from 'react';
import type { Player, PlayerSnapshot } from '../../core/snapshot.ts';
import type { Layer } from '../layer.ts';
import type { Layers } from '../layers.ts';
import { useWords } from '../words-context.ts';
import { MoreIcon } from './icons.tsx';

interface MoreMenuProps {
  readonly player: Player;
  readonly snapshot: PlayerSnapshot;
  readonly open: boolean;
  readonly layers: Layers | undefined;
  readonly onToggle: () => void;
  readonly onClose: () => void;
  readonly onLayer: (layer: Layer) => void;
}

/** What is used rarely, and what has no room beside the other controls on a phone. */
export function MoreMenu({ open, layers, onToggle, ...items }: MoreMenuProps): ReactNode {
  const words = useWords();
  const { controls } = words;
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        className="lc-button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={controls.more}
        title={controls.more}
        onClick={onToggle}
      >
        <MoreIcon />
      </button>
      {open && layers !== undefined && <layers.MoreItems {...{ ...items, words, button }} />}
    </>
  );
}
