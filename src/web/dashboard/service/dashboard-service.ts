import {
  createTRPCUntypedClient,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCUntypedClient,
} from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { parseLiveEvent, type LiveEvent } from '../live/live-event.ts';
import type { Procedure } from './procedures.ts';
import { fromTrpc, ServiceError } from './service-error.ts';

/** What the page needs of the browser to reach the service. */
export interface ServiceEdge {
  /** Origin of the service, which is that of the page. */
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly EventSource: typeof EventSource;
}

export interface EventListener {
  /** The stream is open: from now on, nothing is missed. */
  readonly onOpen: () => void;
  readonly onEvent: (event: LiveEvent) => void;
  /** The connection is interrupted; the browser is connecting again. */
  readonly onInterrupted: () => void;
  /** The stream has ended, and does not come back by itself. */
  readonly onEnd: () => void;
}

/** Calls of the service with the cookie of the session. No token is in the page. */
export class DashboardService {
  readonly #client: TRPCUntypedClient<AnyRouter>;

  constructor({ origin, fetch, EventSource }: ServiceEdge) {
    const url = `${origin}/trpc`;
    this.#client = createTRPCUntypedClient<AnyRouter>({
      links: [
        splitLink({
          condition: ({ type }) => type === 'subscription',
          true: httpSubscriptionLink({ url, EventSource }),
          // One request a call: in a batch, a quick answer would wait for the slowest one.
          false: httpLink({
            url,
            // The link calls it with an address.
            fetch: (input, init) => fetch(input as string | URL, init as RequestInit),
          }),
        }),
      ],
    });
  }

  /** @throws ServiceError */
  read<Input, Output>(
    procedure: Procedure<Input, Output>,
    input: Input,
    signal?: AbortSignal,
  ): Promise<Output> {
    return this.#call(procedure, () =>
      this.#client.query(procedure.path, input, signal === undefined ? {} : { signal }),
    );
  }

  /** @throws ServiceError */
  act<Input, Output>(procedure: Procedure<Input, Output>, input: Input): Promise<Output> {
    return this.#call(procedure, () => this.#client.mutation(procedure.path, input));
  }

  /** Subscribes to the events of all channels, those since `lastEventId` included. Returns the end of the subscription. */
  events(lastEventId: string | undefined, listener: EventListener): () => void {
    const subscription = this.#client.subscription(
      'events.all',
      lastEventId === undefined ? {} : { lastEventId },
      {
        onStarted: () => listener.onOpen(),
        onData: (data) => {
          const event = parseLiveEvent(data);
          // A newer service may send events that this page does not know.
          if (event !== undefined) listener.onEvent(event);
        },
        onConnectionStateChange: ({ state, error }) => {
          if (state === 'pending') listener.onOpen();
          else if (state === 'connecting' && error !== null) listener.onInterrupted();
        },
        onError: () => listener.onEnd(),
        onComplete: () => listener.onEnd(),
      },
    );
    return () => subscription.unsubscribe();
  }

  async #call<Input, Output>(
    { path, output }: Procedure<Input, Output>,
    send: () => Promise<unknown>,
  ): Promise<Output> {
    let answer: unknown;
    try {
      answer = await send();
    } catch (error) {
      throw fromTrpc(error);
    }
    const parsed = output.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new ServiceError('refused', `The answer of ${path} has an unexpected shape. Reload the page.`, {
      cause: parsed.error,
    });
  }
}
