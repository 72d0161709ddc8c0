import type { TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';
import { isClientError, problemOf } from '../problem.ts';

/** Thrown when `authorize` does not return true. */
export class NotAuthorized extends Error {
  override readonly name = 'NotAuthorized';
}

/** What a TRPCError is made of. */
interface ErrorOptions {
  readonly code: TRPC_ERROR_CODE_KEY;
  readonly message: string;
  readonly cause?: unknown;
}

/**
 * tRPC's code for the status of an answer. 401 and 403 are missing on purpose: they concern the token of the app's back
 * end, and the app's own caller must not be logged out for that.
 */
const codeByStatus: Readonly<Record<number, TRPC_ERROR_CODE_KEY>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

/**
 * What the app's procedure throws for an error of the client. The problem is the cause, for the app's error formatter.
 * undefined: the error is none of ours.
 */
export function errorFor(error: unknown): ErrorOptions | undefined {
  if (error instanceof NotAuthorized) return { code: 'FORBIDDEN', message: error.message };
  const problem = problemOf(error);
  if (problem !== undefined)
    return {
      code: codeByStatus[problem.status] ?? 'INTERNAL_SERVER_ERROR',
      message: problem.detail,
      cause: problem,
    };
  if (!isClientError(error) || isAbort(error.cause)) return undefined;
  return {
    code: 'SERVICE_UNAVAILABLE',
    message: 'The live channel service cannot be reached.',
    cause: error,
  };
}

const isAbort = (cause: unknown): boolean => cause instanceof Error && cause.name === 'AbortError';

/** A TRPCError of the app's own copy of @trpc/server: of the same class as the one that tRPC has thrown. */
export function errorLike(thrown: TRPCError, options: ErrorOptions): TRPCError {
  const { constructor } = thrown as { readonly constructor: unknown };
  return new (constructor as typeof TRPCError)(options);
}

/** An error in a stream, where tRPC has thrown none yet. tRPC recognizes its errors by their name. */
export class StreamError extends Error {
  override readonly name = 'TRPCError';
  readonly code: TRPC_ERROR_CODE_KEY;

  constructor({ code, message, cause }: ErrorOptions) {
    super(message, { cause });
    this.code = code;
  }
}
