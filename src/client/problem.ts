import type { ProblemCode, RequestFault } from '../server/problems.ts';

export type { ProblemCode, RequestFault };

/**
 * An error that the service answered. `code` is stable and one of docs/reference/problems.md; a service that is newer
 * than this package may use others.
 */
export class LiveChannelProblem extends Error {
  override readonly name = 'LiveChannelProblem';
  readonly code: ProblemCode;
  /** Human-readable: what is wrong, and what to do. */
  readonly detail: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** When a repetition may succeed; undefined if the service does not say so. */
  readonly retryAfterSeconds: number | undefined;
  /** Of invalid-request: each fault by path; otherwise empty. */
  readonly errors: readonly RequestFault[];
  /** Of not-authenticated and not-allowed: the scope that is required. */
  readonly scope: string | undefined;

  constructor(status: number, problem: ProblemData, cause: unknown) {
    super(`${problem.code}: ${problem.detail}`, { cause });
    this.status = status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.retryAfterSeconds = problem.retryAfterSeconds;
    this.errors = problem.errors ?? [];
    this.scope = problem.scope;
  }
}

/** `error.data.problem` of a TRPCClientError. */
interface ProblemData {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly RequestFault[];
  readonly scope?: string;
}

/**
 * The problem with which the service answered; undefined for every other error, such as a connection that failed.
 * Accepts what the client throws, what `onError` of a subscription receives, and errors that have one of these as cause.
 *
 * @example
 * const problem = problemOf(error);
 * if (problem?.code === 'stream-not-ready') await sleep((problem.retryAfterSeconds ?? 5) * 1_000);
 */
export function problemOf(error: unknown): LiveChannelProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof LiveChannelProblem) return error;
  const answer = isClientError(error) ? error.data : undefined;
  if (isAnswer(answer)) return new LiveChannelProblem(answer.httpStatus, answer.problem, error);
  return problemOf(error.cause);
}

/** By name: an app may have several copies of @trpc/client. */
export function isClientError(error: unknown): error is Error & { readonly data: unknown } {
  return error instanceof Error && error.name === 'TRPCClientError' && 'data' in error;
}

function isAnswer(data: unknown): data is { readonly httpStatus: number; readonly problem: ProblemData } {
  if (typeof data !== 'object' || data === null || !('problem' in data) || !('httpStatus' in data))
    return false;
  const { problem, httpStatus } = data;
  if (typeof problem !== 'object' || problem === null || typeof httpStatus !== 'number') return false;
  return 'code' in problem && typeof problem.code === 'string' && 'detail' in problem;
}
