import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { frameworkProblem } from '../framework-errors.ts';
import type { ApiProblem } from '../problems.ts';
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
  const problem = frameworkProblem(error);
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
