import { launch, type Browser } from 'puppeteer-core';
import { findChromium } from '../../fixtures/agora/browser.ts';

/** Chromium of a viewer who has allowed playback without a tap. `args`: further arguments. */
export function openChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium(undefined, process.env);
  return launch({
    executablePath,
    headless: executablePath.includes('headless-shell') ? 'shell' : true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--mute-audio', '--autoplay-policy=no-user-gesture-required'],
      ...args,
    ],
  });
}
