import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
} from '@trpc/client';
import { EventSource } from 'eventsource';
import type { AppRouter } from '../server/trpc/router.ts';

export type { AppRouter };
export type LiveChannelClient = TRPCClient<AppRouter>;

/** Calls in one request; the service takes as many. */
const MOST_IN_A_BATCH = 20;

export interface LiveChannelClientOptions {
  /** Of the service, as in https://live.example.com; with or without /trpc. */
  readonly url: string;
  /**
   * An API key, a Kubernetes token or an OIDC access token. A function is asked for each request, so that it can give
   * a new one when the last has expired. Without one, only what is public can be asked for.
   */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
}

/**
 * The service, typed. Runs in Node and in browsers; only tokens of the scope `playback` belong into a browser.
 *
 * @example
 * const live = createLiveChannelClient({ url: 'https://live.example.com', token: process.env.LIVECHANNEL_API_KEY });
 * const { playbackUrl } = await live.relay.start.mutate({ channelId: 4711 });
 */
export function createLiveChannelClient(options: LiveChannelClientOptions): LiveChannelClient {
  const { token } = options;
  const url = `${options.url.replace(/\/+$/, '').replace(/\/trpc$/, '')}/trpc`;

  async function headers(): Promise<Record<string, string>> {
    const current = typeof token === 'function' ? await token() : token;
    return current === undefined ? {} : { authorization: `Bearer ${current}` };
  }

  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        // A browser's own EventSource sends no Authorization, and Node has none.
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: {
            fetch: async (address, init) =>
              asEvents(await fetch(address, { ...init, headers: { ...init.headers, ...(await headers()) } })),
          },
        }),
        false: httpBatchLink({ url, headers, maxItems: MOST_IN_A_BATCH }),
      }),
    ],
  });
}

/**
 * An EventSource ends for ever at an answer that is not 200, and tells its body to nobody; at a failure it tries again.
 * A replica that stops is none to give up for; a refusal is one, and is told as tRPC tells errors in a stream.
 */
async function asEvents(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  if (response.status === 429 || response.status >= 500)
    throw new Error(`${response.url} answered ${response.status}`);
  const error = errorIn(text);
  if (error === undefined) return new Response(null, { status: response.status });
  return new Response(`event: serialized-error\ndata: ${JSON.stringify(error)}\n\n`, {
    headers: { 'content-type': 'text/event-stream' },
  });
}

function errorIn(text: string): unknown {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
  } catch {
    return undefined;
  }
}
