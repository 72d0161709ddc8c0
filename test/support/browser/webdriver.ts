import { z } from 'zod';
import type { NamedKey } from './viewer.ts';

const answerSchema = z.object({ value: z.unknown() });
const sessionSchema = z.object({ sessionId: z.string() });
const elementSchema = z.record(z.string(), z.string());
const errorSchema = z.object({ error: z.string(), message: z.string() });

/** Keys that are no characters (https://www.w3.org/TR/webdriver2/#keyboard-actions). */
const keyCodes: Readonly<Record<NamedKey, string>> = {
  ArrowDown: '\uE015',
  Escape: '\uE00C',
  Shift: '\uE008',
};

/** A session of a driver that speaks W3C WebDriver, as far as viewers need it. It ends with its driver. */
export class WebDriverSession {
  readonly #address: string;

  private constructor(address: string) {
    this.#address = address;
  }

  /** `capabilities`: what the browser is asked for, with the vendor's own members. */
  static async start(
    driver: string,
    capabilities: Readonly<Record<string, unknown>>,
  ): Promise<WebDriverSession> {
    const value = await send('POST', `${driver}/session`, { capabilities: { alwaysMatch: capabilities } });
    return new WebDriverSession(`${driver}/session/${sessionSchema.parse(value).sessionId}`);
  }

  async goTo(url: string): Promise<void> {
    await send('POST', `${this.#address}/url`, { url });
  }

  evaluate(expression: string): Promise<unknown> {
    return send('POST', `${this.#address}/execute/sync`, { script: `return (${expression});`, args: [] });
  }

  async click(xpath: string): Promise<void> {
    const found = await send('POST', `${this.#address}/element`, { using: 'xpath', value: xpath });
    const [id] = Object.values(elementSchema.parse(found));
    await send('POST', `${this.#address}/element/${id ?? ''}/click`, {});
  }

  async press(key: string): Promise<void> {
    const value = Object.hasOwn(keyCodes, key) ? keyCodes[key as NamedKey] : key; // checked
    const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value }));
    await send('POST', `${this.#address}/actions`, {
      actions: [{ type: 'key', id: 'keyboard', actions }],
    });
  }
}

async function send(method: string, address: string, body?: unknown): Promise<unknown> {
  const response = await fetch(address, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const { value } = answerSchema.parse(await response.json());
  if (response.ok) return value;
  const { error, message } = errorSchema.parse(value);
  throw new Error(`WebDriver: ${error}: ${message}`);
}
