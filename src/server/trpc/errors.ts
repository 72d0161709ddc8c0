import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { z } from 'zod';
import { internalProblem, isProblem, ApiProblem, type ProblemCode, type RequestFault } from '../problems.ts';

/** The value of `error.data.problem` in the client. `code` is one of docs/reference/problems.md. */
export interface TrpcProblem {
  readonly code: ProblemCode;
  /** Human-readable: what is wrong, and what to do. */
  readonly detail: string;
  /** With invalid-request: each fault by path. */
  readonly errors?: readonly RequestFault[];
  /** With not-authenticated and not-allowed: the required scope. */
  readonly scope?: string;
  readonly retryAfterSeconds?: number;
}

const codeByStatus: Readonly<Record<number, TRPC_ERROR_CODE_KEY>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

/** Converts a problem, even if tRPC has wrapped it, to a TRPCError; other errors are returned unchanged. */
export function asTrpcError(error: unknown): unknown {
  const problem = error instanceof TRPCError ? error.cause : error;
  if (!isProblem(problem)) return error;
  return new TRPCError({ code: codeOf(problem), message: problem.detail, cause: problem });
}

/** tRPC's error code for the status of a problem. */
export function codeOf({ status }: ApiProblem): TRPC_ERROR_CODE_KEY {
  return codeByStatus[status] ?? 'INTERNAL_SERVER_ERROR';
}

/** The problem for any TRPCError, including those that tRPC itself raised. */
export function problemOf(error: TRPCError): ApiProblem {
  if (isProblem(error.cause)) return error.cause;
  switch (error.code) {
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
      return invalid(error);
    case 'NOT_FOUND':
      return new ApiProblem('not-found', error.message);
    case 'METHOD_NOT_SUPPORTED':
      return new ApiProblem('method-not-allowed', error.message);
    case 'PAYLOAD_TOO_LARGE':
      return new ApiProblem('too-large', error.message);
    case 'UNSUPPORTED_MEDIA_TYPE':
      return new ApiProblem('unsupported-media-type', error.message);
    case 'CLIENT_CLOSED_REQUEST':
      return new ApiProblem('timeout', 'The client closed the connection.');
    default:
      return internalProblem(error);
  }
}

export function trpcProblem({ code, detail, extensions, headers }: ApiProblem): TrpcProblem {
  const wait = headers['retry-after'];
  return { code, detail, ...extensions, ...(wait === undefined ? {} : { retryAfterSeconds: Number(wait) }) };
}

function invalid(error: TRPCError): ApiProblem {
  if (!(error.cause instanceof z.ZodError)) return new ApiProblem('invalid-request', error.message);
  const errors = error.cause.issues.map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }));
  const said = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new ApiProblem('invalid-request', said, { extensions: { errors } });
}
