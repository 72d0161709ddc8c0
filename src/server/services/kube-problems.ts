import { ApiError, KubeError, TimeoutError } from '../../kube/errors.ts';
import { isProblem, ApiProblem } from '../problems.ts';

/** Converts any error to a problem. `what` is the failed action as an infinitive: "change channel show-1". */
export function asProblem(error: unknown, what: string): ApiProblem {
  if (isProblem(error)) return error;
  if (error instanceof ApiError) return refusal(error, what);
  if (error instanceof TimeoutError)
    return new ApiProblem(
      'timeout',
      `The Kubernetes API server did not respond in time; failed to ${what}.`,
      {
        cause: error,
      },
    );
  if (error instanceof KubeError && error.retryable)
    return unavailable(`The Kubernetes API server is not reachable; failed to ${what}.`, error);
  if (isAbort(error))
    return new ApiProblem('timeout', `The request was cancelled: failed to ${what}.`, { cause: error });
  if (isStoreError(error))
    return error.reason === 'Unavailable'
      ? storeUnavailable(error)
      : new ApiProblem('internal', `The database rejected the statement; failed to ${what}.`, {
          cause: error,
        });
  return new ApiProblem('internal', `Failed to ${what}.`, { cause: error });
}

/** The problem store-unavailable. Without a cause, no database is configured, so a retry does not help. */
export function storeUnavailable(cause?: unknown): ApiProblem {
  return cause === undefined
    ? new ApiProblem('store-unavailable', 'The service runs without a database (DATABASE_URL).')
    : new ApiProblem('store-unavailable', 'The database is not available.', { retryAfterSeconds: 5, cause });
}

function refusal(error: ApiError, what: string): ApiProblem {
  if (error.isTooManyRequests || error.status >= 500)
    return unavailable(`The Kubernetes API server failed to ${what}.`, error, error.retryAfterMs);
  // Not a fault of the app's settings: admission, a quota, or a missing permission of the service. The message says which.
  if (error.isInvalid || error.isForbidden)
    return new ApiProblem('refused-by-cluster', error.message, {
      extensions: {
        errors: error.causes.map(({ field, message }) => ({ path: field, message })),
      },
      cause: error,
    });
  if (error.isConflict)
    return new ApiProblem('conflict', `Conflicting updates at each attempt; failed to ${what}.`, {
      retryAfterSeconds: 1,
      cause: error,
    });
  return new ApiProblem('internal', `The Kubernetes API server rejected the request; failed to ${what}.`, {
    cause: error,
  });
}

function unavailable(detail: string, cause: unknown, retryAfterMs = 2_000): ApiProblem {
  return new ApiProblem('kubernetes-unavailable', detail, { retryAfterSeconds: retryAfterMs / 1_000, cause });
}

/** Checks the shape, because the error may come from Node's realm. */
function isAbort(error: unknown): boolean {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return name === 'AbortError' || name === 'TimeoutError';
}

function isStoreError(error: unknown): error is Error & { readonly reason: string } {
  return error instanceof Error && error.name === 'StoreError' && 'reason' in error;
}
