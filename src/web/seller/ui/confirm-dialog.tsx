import type { ReactNode } from 'react';
import { Dialog } from '../../player/ui/dialogs/dialog.tsx';
import { useSellerWords } from './words-context.ts';

interface ConfirmDialogProps {
  readonly title: string;
  /** What will happen, in sentences. */
  readonly effects: readonly string[];
  readonly yes: string;
  readonly onYes: () => void;
  readonly onClose: () => void;
}

/** Asks before something that buyers notice. */
export function ConfirmDialog({ title, effects, yes, onYes, onClose }: ConfirmDialogProps): ReactNode {
  const { confirm } = useSellerWords();
  return (
    <Dialog title={title} close={confirm.no} asks onClose={onClose}>
      {effects.map((effect) => (
        <p key={effect}>{effect}</p>
      ))}
      <button
        type="button"
        className="lc-action"
        onClick={() => {
          onYes();
          onClose();
        }}
      >
        {yes}
      </button>
    </Dialog>
  );
}
