import { request, type Dispatcher } from 'undici';

/** The `fetch` of the SDK's options. */
export type SdkFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` for the SDK that goes through the given dispatcher, which may know a private CA. It answers when the body
 * is there, too, so that the SDK's timeout, which ends with the head of an answer, is for the whole of it.
 */
export function fetchThrough(dispatcher: Dispatcher): SdkFetch {
  return async (input, { method = 'GET', headers, body, signal } = {}) => {
    const answer = await request(input instanceof Request ? input.url : input, {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === 'string' ? body : null,
      ...(signal ? { signal } : {}),
      dispatcher,
    });
    const text = await answer.body.text();
    const head = new Headers();
    for (const [name, value] of Object.entries(answer.headers))
      for (const one of [value ?? []].flat()) head.append(name, one);
    return new Response(answer.statusCode === 204 ? null : text, {
      status: answer.statusCode,
      headers: head,
    });
  };
}
