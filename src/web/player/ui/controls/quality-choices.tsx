import type { ReactNode, RefObject } from 'react';
import type { QualityChoice, QualityView } from '../../core/snapshot.ts';
import type { Words } from '../../text/words.ts';
import { Menu, MenuItem } from './menu.tsx';

interface QualityChoicesProps {
  readonly words: Words;
  readonly quality: QualityView;
  /** The connection, and why it is not good. */
  readonly connection: ReactNode;
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly onClose: () => void;
  readonly onQuality: (choice: QualityChoice) => void;
  readonly onDataSaver: (on: boolean) => void;
}

/** The menu of levels; with one level, it says so. */
export function QualityChoices(props: QualityChoicesProps): ReactNode {
  const { words, quality, connection, button, onClose, onQuality, onDataSaver } = props;
  const { quality: labels, number } = words;
  const [highest] = quality.options;
  const single = quality.options.length === 1;
  const choose = (choice: QualityChoice): void => {
    onQuality(choice);
    button.current?.focus();
    onClose();
  };
  const note = (
    <div className="lc-note">
      {single && highest !== undefined && <p>{labels.only.replace('{quality}', lines(highest.height))}</p>}
      {connection}
    </div>
  );
  return (
    <Menu label={labels.quality} button={button} onClose={onClose} note={note}>
      {single ? undefined : (
        <>
          <MenuItem
            kind="radio"
            label={labels.auto}
            detail={quality.playing === undefined ? undefined : lines(quality.playing)}
            checked={quality.choice === 'auto'}
            onSelect={() => {
              choose('auto');
            }}
          />
          {quality.options.map(({ height, kbps }) => (
            <MenuItem
              key={height}
              kind="radio"
              label={lines(height)}
              detail={kbps === undefined ? undefined : labels.rate.replace('{n}', number(kbps / 1_000))}
              checked={quality.choice === height}
              onSelect={() => {
                choose(height);
              }}
            />
          ))}
          <MenuItem
            kind="checkbox"
            label={labels.dataSaver}
            checked={quality.dataSaver}
            onSelect={() => {
              onDataSaver(!quality.dataSaver);
            }}
          />
        </>
      )}
    </Menu>
  );
}

const lines = (height: number): string => `${height}p`;
