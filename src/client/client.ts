import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
} from '@trpc/client';
import { EventSource } from 'eventsource';
import type { AppRouter } from '../server/trpc/router.ts';
import { Authorization, type TokenSource } from './authorized-fetch.ts';
import { asEvents } from './event-responses.ts';

export type { AppRouter };
/** The typed tRPC client of the service. */
export type LiveChannelClient = TRPCClient<AppRouter>;

/** Maximum number of calls in one batch request; equal to the service's limit. */
const MAX_BATCH_CALLS = 20;

export interface LiveChannelClientOptions {
  /** URL of the service, such as https://live.example.com, with or without /trpc. */
  readonly url: string;
  /**
   * A ticket, an API key, a Kubernetes token or an OIDC access token, or a function that returns one for each request and
   * renews it when the service refuses it. Without a token, only public procedures can be called.
   */
  readonly token?: TokenSource | undefined;
}

/**
 * Creates a typed client of the service. Runs in Node and in browsers. In a browser, use only tickets.
 *
 * @example
 * const live = createLiveChannelClient({ url: 'https://live.example.com', token: process.env.LIVECHANNEL_API_KEY });
 * const { playbackUrl } = await live.relay.start.mutate({ channelId: 4711 });
 */
export function createLiveChannelClient({ url: base, token }: LiveChannelClientOptions): LiveChannelClient {
  const url = `${base.replace(/\/+$/, '').replace(/\/trpc$/, '')}/trpc`;
  const authorization = new Authorization(token);
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        // A browser's built-in EventSource sends no Authorization header, and Node has no EventSource.
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: {
            fetch: async (address, init) => asEvents(await authorization.fetch(address, init)),
          },
        }),
        false: httpBatchLink({
          url,
          fetch: (address: string | URL | Request, init) => authorization.fetch(address, initOf(init)),
          maxItems: MAX_BATCH_CALLS,
        }),
      }),
    ],
  });
}

/** tRPC declares its own type for what it passes to fetch; it has strings as bodies only. */
function initOf(init: FetchInit): RequestInit {
  const { body, headers, method, signal } = init ?? {};
  return { body: body ?? null, headers: headers ?? {}, method: method ?? 'GET', signal: signal ?? null };
}
type FetchInit = Parameters<NonNullable<Parameters<typeof httpBatchLink<AppRouter>>[0]['fetch']>>[1];
