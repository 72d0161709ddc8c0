import type { Player, PlayerSnapshot } from '../../core/snapshot.ts';
import { shortcutCommands, type ShortcutCommand } from './shortcuts.ts';

/** A key press changes the volume by a twentieth, as media players do. */
const VOLUME_STEP = 0.05;

/** What buttons and keys have in common. */
export interface Actions {
  readonly togglePlay: () => void;
  readonly setMuted: (muted: boolean) => void;
  /** Also ends muting where the volume is above 0. */
  readonly setVolume: (volume: number) => void;
  readonly run: (command: Exclude<ShortcutCommand, 'help'>) => void;
}

/** `onSound` is called when the viewer has decided about sound. */
export function actionsOf(player: Player, snapshot: PlayerSnapshot, onSound: () => void): Actions {
  const { state, muted, captions, pictureInPicture, fullScreen } = snapshot;
  const setMuted = (next: boolean): void => {
    onSound();
    player.setMuted(next);
  };
  const setVolume = (next: number): void => {
    const volume = Math.min(Math.max(Math.round(next * 100) / 100, 0), 1);
    onSound();
    player.setVolume(volume);
    if (muted && volume > 0) player.setMuted(false);
  };
  const togglePlay = (): void => {
    if (state === 'paused' || state === 'tap-to-play') player.play();
    else player.pause();
  };
  const heard = muted ? 0 : snapshot.volume;
  const run: Actions['run'] = (command) => {
    switch (command) {
      case 'play':
        return togglePlay();
      case 'mute':
        return setMuted(!muted);
      case 'volume-up':
        return setVolume(heard + VOLUME_STEP);
      case 'volume-down':
        return setVolume(heard - VOLUME_STEP);
      case 'live':
        return player.goLive();
      case 'captions':
        return player.setCaptions(!captions.on);
      case 'picture-in-picture':
        return player.setPictureInPicture(!pictureInPicture.on);
      case 'full-screen':
        return player.setFullScreen(!fullScreen.on);
    }
  };
  return { togglePlay, setMuted, setVolume, run };
}

/** The commands that do something in this state and browser, as the list shows them. */
export function usableCommands(snapshot: PlayerSnapshot): readonly ShortcutCommand[] {
  const { state, volumeSettable, captions, pictureInPicture, fullScreen } = snapshot;
  const over = state === 'ended' || state === 'not-allowed' || state === 'unsupported';
  return shortcutCommands.filter((command) => {
    if (command === 'help') return true;
    if (command === 'full-screen') return fullScreen.available;
    if (over) return false;
    if (command === 'captions') return captions.available;
    if (command === 'picture-in-picture') return pictureInPicture.available;
    return volumeSettable || !command.startsWith('volume');
  });
}
