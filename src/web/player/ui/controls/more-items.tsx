import type { ReactNode, RefObject } from 'react';
import type { Player, PlayerSnapshot } from '../../core/snapshot.ts';
import type { Words } from '../../text/words.ts';
import type { Layer } from '../layer.ts';
import { Menu, MenuItem } from './menu.tsx';

interface MoreItemsProps {
  readonly words: Words;
  readonly player: Player;
  readonly snapshot: PlayerSnapshot;
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly onClose: () => void;
  /** Opens a dialog; the focus comes back to the button of this menu. */
  readonly onLayer: (layer: Layer) => void;
}

/** The menu of what is used rarely. */
export function MoreItems(props: MoreItemsProps): ReactNode {
  const { words, player, snapshot, button, onClose, onLayer } = props;
  const { controls } = words;
  const { pictureInPicture, airPlay, canReport } = snapshot;
  /** The focus goes back first, so that what opens next returns it there. */
  const select = (act: () => void) => (): void => {
    button.current?.focus();
    onClose();
    act();
  };
  return (
    <Menu label={controls.more} button={button} onClose={onClose}>
      {pictureInPicture.available && (
        <MenuItem
          kind="checkbox"
          label={controls.pictureInPicture}
          checked={pictureInPicture.on}
          onSelect={select(() => player.setPictureInPicture(!pictureInPicture.on))}
        />
      )}
      {airPlay.available && (
        <MenuItem
          kind="checkbox"
          label={controls.airPlay}
          checked={airPlay.on}
          onSelect={select(() => player.showAirPlayMenu())}
        />
      )}
      {canReport && <MenuItem label={controls.report} onSelect={select(() => onLayer('report'))} />}
      <MenuItem label={controls.shortcuts} onSelect={select(() => onLayer('shortcuts'))} />
    </Menu>
  );
}
