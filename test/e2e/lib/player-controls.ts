import { expect } from '@jest/globals';
import type { PlayerPage, Seen } from '../../support/browser/player-page.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** The controls of a player, as a viewer with a mouse and a keyboard uses them. Names are those of the English texts. */
export class PlayerControls {
  readonly #player: PlayerPage;

  constructor(player: PlayerPage) {
    this.#player = player;
  }

  /** Clicks a button by its name. */
  async click(name: string): Promise<void> {
    await this.clickAt(buttonNamed(name));
  }

  /** Clicks what an XPath finds. A key shows the controls before, if they have not been used for a while. */
  async clickAt(xpath: string): Promise<void> {
    const { page, viewer } = this.#player;
    await eventually(`${viewer}: ${xpath} is there`, 20, () => this.isThere(xpath));
    await page.press('Shift');
    await page.click(xpath);
  }

  press(key: string): Promise<void> {
    return this.#player.page.press(key);
  }

  async isThere(xpath: string): Promise<boolean> {
    const found = `document.evaluate(${JSON.stringify(xpath)}, document, null, XPathResult.BOOLEAN_TYPE).booleanValue`;
    return (await this.#player.page.evaluate(found)) === true;
  }

  /** Waits until an expression about `video`, the element on the screen, is true. */
  untilVideo(expression: string): Promise<true> {
    return this.until(`(video => ${expression})(document.querySelector('.lc-video video:not([hidden])'))`);
  }

  /** Waits until an expression about the page is true. */
  until(expression: string): Promise<true> {
    const { page, viewer } = this.#player;
    return eventually(`${viewer}: ${expression}`, 20, async () => {
      expect(await page.evaluate(expression)).toBe(true);
      return true;
    });
  }

  /** Waits until this text is on the page. */
  untilText(text: string): Promise<true> {
    return this.until(`document.body.innerText.includes(${JSON.stringify(text)})`);
  }

  untilState(state: string): Promise<Seen> {
    return this.#player.until(state, 20, (seen) => seen.state === state);
  }
}

export const buttonNamed = (name: string): string =>
  `//button[@aria-label="${name}" or normalize-space()="${name}"]`;
