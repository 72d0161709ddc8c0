import { CodedError } from '../errors.ts';

/** An answer has more bytes than its reader expects. */
export class BodyTooLarge extends CodedError {
  override readonly name = 'BodyTooLarge';
  readonly code = 'BODY_TOO_LARGE';
  readonly retryable = false;

  constructor(maxBytes: number) {
    super(`the answer exceeds ${maxBytes} bytes`);
  }
}

/** A body as undici and fetch return it. */
export type Body = AsyncIterable<Uint8Array>;

/**
 * Reads the body of an answer as UTF-8, up to `maxBytes`. This and `readJson` are the only ways in which an answer is read
 * (eslint.config.mjs): a long answer could otherwise fill the memory of this process.
 * @throws BodyTooLarge after at most one chunk more; the connection is closed then
 */
export async function readText(body: Body | null, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  if (body !== null) for await (const chunk of bounded(body, maxBytes)) chunks.push(chunk);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** As `readText`, for JSON. @throws SyntaxError as well */
export async function readJson(body: Body | null, maxBytes: number): Promise<unknown> {
  return JSON.parse(await readText(body, maxBytes));
}

/** A response of any fetch. */
interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Iterable<[string, string]>;
  readonly body: Body | null;
}

/** The same response, whose body fails with BodyTooLarge after `maxBytes`: for libraries that read answers themselves. */
export function boundedResponse({ status, statusText, headers, body }: Answer, maxBytes: number): Response {
  const limited = body === null ? null : ReadableStream.from(bounded(body, maxBytes));
  return new Response(limited, { status, statusText, headers: new Headers([...headers]) });
}

/** Ending this early, also by an error, destroys the body and with it the connection. */
async function* bounded(body: Body, maxBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyTooLarge(maxBytes);
    yield chunk;
  }
}
