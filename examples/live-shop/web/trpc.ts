import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from '@trpc/client';
import type { AppRouter } from '../server/router.ts';

/** The shop's own back end. The session is in a cookie. */
export const trpc = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({ url: '/trpc' }),
      false: httpBatchLink({ url: '/trpc' }),
    }),
  ],
});

/** The code of tRPC, such as FORBIDDEN. undefined: the back end was not reached. */
export const codeOf = (error: unknown): string | undefined => dataOf(error)?.code;

/** Why the service refused a call of the back end: a stable code, and when to try again. */
export const problemIn = (
  error: unknown,
): { readonly code?: string | undefined; readonly retryAfterSeconds?: number | undefined } =>
  dataOf(error)?.liveChannel ?? {};

function dataOf(error: unknown): TRPCClientError<AppRouter>['data'] {
  return isOfBackEnd(error) ? error.data : undefined;
}

const isOfBackEnd = (error: unknown): error is TRPCClientError<AppRouter> => error instanceof TRPCClientError;
