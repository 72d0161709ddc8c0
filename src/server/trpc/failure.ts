import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { isProblem, ApiProblem } from '../problems.ts';
import { codeOf, trpcProblem, type TrpcProblem } from './errors.ts';

/** An error response of tRPC. As the response to a batch, it applies to each of its calls. */
interface Failure {
  readonly error: {
    readonly message: string;
    readonly code: number;
    readonly data: { readonly code: string; readonly httpStatus: number; readonly problem: TrpcProblem };
  };
}

/** Converts an error that occurred before tRPC handled the request to a response that tRPC's clients understand. */
export function failureOf(error: unknown): { readonly problem: ApiProblem; readonly body: Failure } {
  const problem = isProblem(error) ? error : ofFastify(error);
  const code = codeOf(problem);
  return {
    problem,
    body: {
      error: {
        message: problem.detail,
        code: TRPC_ERROR_CODES_BY_KEY[code],
        data: { code, httpStatus: problem.status, problem: trpcProblem(problem) },
      },
    },
  };
}

/** Fastify's errors by HTTP status: https://fastify.dev/docs/latest/Reference/Errors/ */
function ofFastify(error: unknown): ApiProblem {
  const status =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
      ? error.statusCode
      : 500;
  const message = error instanceof Error ? error.message : '';
  if (status === 413) return new ApiProblem('too-large', message);
  if (status === 415) return new ApiProblem('unsupported-media-type', 'Send application/json.');
  if (status >= 400 && status < 500) return new ApiProblem('invalid-request', message);
  return new ApiProblem('internal', 'The service failed.', { cause: error });
}
