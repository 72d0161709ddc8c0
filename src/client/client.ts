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
/** The typed tRPC client of the service. */
export type LiveChannelClient = TRPCClient<AppRouter>;

/** Maximum number of calls in one batch request; equal to the service's limit. */
const MAX_BATCH_CALLS = 20;

export interface LiveChannelClientOptions {
  /** URL of the service, such as https://live.example.com, with or without /trpc. */
  readonly url: string;
  /**
   * A ticket, an API key, a Kubernetes token or an OIDC access token. A function is called for each request, so that it
   * can return a new token when the previous one has expired. Without a token, only public procedures can be called.
   */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
}

/**
 * Creates a typed client of the service. Runs in Node and in browsers. In a browser, use only tickets.
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
        // A browser's built-in EventSource sends no Authorization header, and Node has no EventSource.
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: {
            fetch: async (address, init) =>
              asEvents(await fetch(address, { ...init, headers: { ...init.headers, ...(await headers()) } })),
          },
        }),
        false: httpBatchLink({ url, headers, maxItems: MAX_BATCH_CALLS }),
      }),
    ],
  });
}

/**
 * Adapts a response to what EventSource does with it. An EventSource closes permanently on a status other than 200 and
 * hides the response's body; after a failed request it reconnects. A 429 or 5xx (a replica that shuts down, for example)
 * is therefore thrown, so that the EventSource reconnects. Any other refusal is final: its error is sent as the event
 * that tRPC uses for errors in a stream.
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
