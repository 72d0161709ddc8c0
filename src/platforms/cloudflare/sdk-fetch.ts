import { request, type Dispatcher } from 'undici';
import { readText } from '../../base/http/read-body.ts';
import { connectionFailure } from '../connection-failure.ts';

/** A page of a thousand live inputs has some 2 MB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** The `fetch` of the SDK's options. */
export type SdkFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * No answer came. Replaces undici's error, because the SDK drops an error whose message contains "timeout". The code shows
 * whether anything was sent.
 */
class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly code: string | undefined;

  constructor(code: string | undefined) {
    super('no answer');
    this.code = code;
  }
}

/**
 * A `fetch` for the SDK that uses the given dispatcher, which may have a private CA. It resolves after the body has been
 * read, so that the SDK's timeout, which otherwise covers only the headers, covers the whole answer.
 */
export function fetchThrough(dispatcher: Dispatcher): SdkFetch {
  return async (input, { method = 'GET', headers, body, signal } = {}) => {
    try {
      const answer = await request(input instanceof Request ? input.url : input, {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        body: typeof body === 'string' ? body : null,
        ...(signal ? { signal } : {}),
        dispatcher,
      });
      const text = await readText(answer.body, MAX_ANSWER_BYTES);
      const head = new Headers();
      for (const [name, value] of Object.entries(answer.headers))
        for (const one of [value ?? []].flat()) head.append(name, one);
      return new Response(answer.statusCode === 204 ? null : text, {
        status: answer.statusCode,
        headers: head,
      });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new Unanswered(connectionFailure(error).code);
    }
  };
}
