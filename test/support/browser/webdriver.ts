import { z } from 'zod';

const answerSchema = z.object({ value: z.unknown() });
const sessionSchema = z.object({ sessionId: z.string() });
const errorSchema = z.object({ error: z.string(), message: z.string() });

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
