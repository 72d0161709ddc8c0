import type { PlayerPage } from '../../support/browser/player-page.ts';
import { buttonNamed, PlayerControls } from './player-controls.ts';

/** What browsers may have, and do not all have. */
export interface Offered {
  readonly viewer: string;
  readonly fullScreen: boolean;
  readonly pictureInPicture: boolean;
}

/** Uses every control of a player that has just begun, muted, and leaves it playing with sound. */
export async function walkControls(player: PlayerPage, problem: string): Promise<Offered> {
  const controls = new PlayerControls(player);
  await useSound(controls);
  await usePause(controls);
  await useLiveBadge(controls);
  await useMenus(controls, problem);
  return {
    viewer: player.viewer,
    fullScreen: await useFullScreen(controls),
    pictureInPicture: await usePictureInPicture(controls),
  };
}

async function useSound(controls: PlayerControls): Promise<void> {
  await controls.click('Tap for sound');
  await controls.untilVideo('!video.muted');
  await controls.click('Mute');
  await controls.untilVideo('video.muted');
  await controls.press('m');
  await controls.untilVideo('!video.muted');
  await controls.press('ArrowDown');
  await controls.untilVideo('Math.abs(video.volume - 0.95) < 0.01');
  await controls.clickAt('//input[@aria-label="Volume"]');
  await controls.untilVideo('video.volume > 0.3 && video.volume < 0.7');
}

async function usePause(controls: PlayerControls): Promise<void> {
  await controls.click('Pause');
  await controls.untilState('paused');
  await controls.untilText('Playback continues live when you press Play.');
  await controls.press('k');
  await controls.untilState('playing');
  await controls.press('k');
  await controls.untilState('paused');
  await controls.click('Play');
  await controls.untilState('playing');
}

/** The badge says that playback is behind live, and returns there; so does its key. */
async function useLiveBadge(controls: PlayerControls): Promise<void> {
  for (const goLive of [
    () => controls.clickAt('//button[contains(@class,"lc-live")]'),
    () => controls.press('l'),
  ]) {
    await controls.until(`document.querySelector('.lc-live').dataset.edge === 'true'`);
    // Only within what is buffered does a browser return at once.
    await controls.untilVideo('video.currentTime - video.buffered.start(0) > 6');
    await controls.untilVideo('(video.currentTime -= 5, true)');
    await controls.until(`document.querySelector('.lc-live').dataset.edge === 'false'`);
    await goLive();
    await controls.until(`document.querySelector('.lc-live').dataset.edge === 'true'`);
    await controls.untilState('playing');
  }
}

async function useMenus(controls: PlayerControls, problem: string): Promise<void> {
  await controls.clickAt('//button[contains(@class,"lc-quality")]');
  // The host sends one level.
  await controls.untilText('p, as the seller sends it');
  await controls.press('Escape');
  await controls.until(`document.querySelector('.lc-menu') === null`);
  await controls.press('?');
  await controls.untilText('Sound on or off');
  await controls.click('Close');
  await controls.until(`document.querySelector('dialog[open]') === null`);
  await controls.click('More');
  await controls.click('Report a problem');
  await controls.click(problem);
  await controls.untilText('Thank you. The report has been sent.');
  await controls.click('Close');
  await controls.until(`document.querySelector('dialog[open]') === null`);
}

async function useFullScreen(controls: PlayerControls): Promise<boolean> {
  if (!(await controls.isThere(buttonNamed('Full screen')))) return false;
  await controls.click('Full screen');
  await controls.until(`document.fullscreenElement?.className === 'lc-player'`);
  await controls.press('f');
  await controls.until('document.fullscreenElement === null');
  return true;
}

async function usePictureInPicture(controls: PlayerControls): Promise<boolean> {
  const button = buttonNamed('Picture-in-picture');
  if (!(await controls.isThere(button))) return false;
  await controls.clickAt(button);
  await controls.until(`document.pictureInPictureElement !== null`);
  await controls.clickAt(button);
  await controls.until(`document.pictureInPictureElement === null`);
  return true;
}
