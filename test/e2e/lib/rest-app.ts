import { z } from 'zod';
import { eventually } from '../../support/wait/eventually.ts';

const eventSchema = z.looseObject({ type: z.string() });
type AppEvent = z.infer<typeof eventSchema>;

/** The back end of an app that has the service's URL and a token, and uses REST and server-sent events alone. */
export class RestApp {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** The body of a GET that must succeed. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const { status, body } = await this.call('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${String(status)} ${JSON.stringify(body)}`);
    return schema.parse(body);
  }

  /** Subscribes; the events are collected until it is disposed of. */
  listen(path: string): EventListening {
    return new EventListening(`${this.#url}${path}`, this.#token);
  }
}

export class EventListening implements AsyncDisposable {
  readonly events: AppEvent[] = [];
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;

  constructor(url: string, token: string) {
    this.#over = this.#read(url, token);
    // Reported by the next wait, or when it is disposed of.
    this.#over.catch(() => undefined);
  }

  /** Waits for an event after the first `after` ones, and returns how many there were when it came. */
  until(what: string, seconds: number, after: number, is: (event: AppEvent) => boolean): Promise<number> {
    return eventually(what, seconds, async () => {
      const index = this.events.findIndex((event, at) => at >= after && is(event));
      if (index >= 0) return index + 1;
      throw new Error(JSON.stringify(this.events.map(({ type, mode }) => [type, mode])));
    });
  }

  async #read(url: string, token: string): Promise<void> {
    const { signal } = this.#stop;
    try {
      const answer = await fetch(url, { signal, headers: { authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(`${url}: ${String(answer.status)} ${await answer.text()}`);
      let text = '';
      for await (const chunk of answer.body ?? []) {
        text += Buffer.from(chunk).toString();
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = /^data: (.+)$/m.exec(block)?.[1];
          if (data !== undefined) this.events.push(eventSchema.parse(JSON.parse(data)));
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#over;
  }
}
