import { Fragment, type ReactNode } from 'react';
import type { Words } from '../../text/words.ts';
import type { ShortcutCommand } from '../input/shortcuts.ts';
import { Dialog } from './dialog.tsx';

function keyName(key: string, words: Words): string {
  if (key === ' ') return words.space;
  if (key === 'arrowup') return '↑';
  return key === 'arrowdown' ? '↓' : key.toUpperCase();
}

interface ShortcutListProps {
  readonly words: Words;
  readonly keys: Readonly<Record<ShortcutCommand, readonly string[]>>;
  /** Those that do something here. */
  readonly commands: readonly ShortcutCommand[];
  readonly onClose: () => void;
}

export function ShortcutList({ words, keys, commands, onClose }: ShortcutListProps): ReactNode {
  return (
    <Dialog title={words.controls.shortcuts} close={words.controls.close} onClose={onClose}>
      <dl className="lc-keys">
        {commands.map((command) => (
          <Fragment key={command}>
            <dt>
              {keys[command].map((key) => (
                <kbd key={key}>{keyName(key, words)}</kbd>
              ))}
            </dt>
            <dd>{words.shortcuts[command]}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
