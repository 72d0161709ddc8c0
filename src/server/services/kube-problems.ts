import { ApiError, KubeError, TimeoutError } from '../../kube/errors.ts';
import { isProblem, ApiProblem } from '../problems.ts';

/** Whatever was thrown, as a Problem. `what` was being done: "change channel show-1". */
export function asProblem(error: unknown, what: string): ApiProblem {
  if (isProblem(error)) return error;
  if (error instanceof ApiError) return refusal(error, what);
  if (error instanceof TimeoutError)
    return new ApiProblem(
      'timeout',
      `The Kubernetes API server did not answer in time when asked to ${what}.`,
      {
        cause: error,
      },
    );
  if (error instanceof KubeError && error.retryable)
    return unavailable(`The Kubernetes API server could not be asked to ${what}.`, error);
  if (isAbort(error)) return new ApiProblem('timeout', `Nobody waits any more to ${what}.`, { cause: error });
  if (isStoreError(error))
    return error.reason === 'Unavailable'
      ? storeUnavailable(error)
      : new ApiProblem('internal', `The database refused to ${what}.`, { cause: error });
  return new ApiProblem('internal', `Failed to ${what}.`, { cause: error });
}

export function storeUnavailable(cause?: unknown): ApiProblem {
  return cause === undefined
    ? new ApiProblem('store-unavailable', 'The service runs without a database (DATABASE_URL).')
    : new ApiProblem('store-unavailable', 'The database does not answer.', { retryAfterSeconds: 5, cause });
}

function refusal(error: ApiError, what: string): ApiProblem {
  if (error.isTooManyRequests || error.status >= 500)
    return unavailable(`The Kubernetes API server could not ${what}.`, error, error.retryAfterMs);
  // Another field than those of an app: admission, quota, a missing right of the service. The message tells which.
  if (error.isInvalid || error.isForbidden)
    return new ApiProblem('refused-by-cluster', error.message, {
      extensions: {
        errors: error.causes.map(({ field, message }) => ({ path: field, message })),
      },
      cause: error,
    });
  if (error.isConflict)
    return new ApiProblem('conflict', `Others changed it each time that the service tried to ${what}.`, {
      retryAfterSeconds: 1,
      cause: error,
    });
  return new ApiProblem('internal', `The Kubernetes API server refused to ${what}.`, { cause: error });
}

function unavailable(detail: string, cause: unknown, retryAfterMs = 2_000): ApiProblem {
  return new ApiProblem('kubernetes-unavailable', detail, { retryAfterSeconds: retryAfterMs / 1_000, cause });
}

/** By shape: it comes from Node's realm. */
function isAbort(error: unknown): boolean {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return name === 'AbortError' || name === 'TimeoutError';
}

function isStoreError(error: unknown): error is Error & { readonly reason: string } {
  return error instanceof Error && error.name === 'StoreError' && 'reason' in error;
}
