import { CodedError } from '../base/errors.ts';

/** Base of the errors that this runtime throws on purpose. */
export abstract class KubeError extends CodedError {}

/** The API server answered with an error. */
export class ApiError extends KubeError {
  override readonly name = 'ApiError';
  readonly code = 'KUBE_API';
  /** HTTP status, or the status of an ERROR event of a watch. */
  readonly status: number;
  /** metav1.StatusReason, e.g. `AlreadyExists`. Empty if a proxy answered instead of the server. */
  readonly reason: string;
  /** How long the server requests to wait before the next attempt. */
  readonly retryAfterMs: number | undefined;
  /** Fields that the server rejected, and why. */
  readonly causes: readonly { readonly field: string; readonly message: string }[];

  constructor(
    what: string,
    answer: {
      status: number;
      reason?: string | undefined;
      message?: string | undefined;
      retryAfterMs?: number | undefined;
      causes?: readonly { field: string; message: string }[] | undefined;
    },
  ) {
    super(`${what}: ${answer.message ?? 'no message'} (${answer.status} ${answer.reason ?? ''})`);
    this.status = answer.status;
    this.reason = answer.reason ?? '';
    this.retryAfterMs = answer.retryAfterMs;
    this.causes = answer.causes ?? [];
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }
  /** The object has changed, or was replaced by another one, since it was read: read it again and decide again. */
  get isConflict(): boolean {
    return this.status === 409 && this.reason !== 'AlreadyExists';
  }
  get isAlreadyExists(): boolean {
    return this.reason === 'AlreadyExists';
  }
  /** The schema, a CEL rule, or a test of a JSON patch refused the content. */
  get isInvalid(): boolean {
    return this.status === 422 || this.status === 400;
  }
  get isUnauthorized(): boolean {
    return this.status === 401;
  }
  get isForbidden(): boolean {
    return this.status === 403;
  }
  /** The resourceVersion or the continue token is too old: list again. */
  get isExpired(): boolean {
    return this.status === 410;
  }
  get isTooManyRequests(): boolean {
    return this.status === 429;
  }
  get retryable(): boolean {
    return this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The API server could not be reached, or the connection broke before the answer was complete. */
export class ConnectionError extends KubeError {
  override readonly name = 'ConnectionError';
  readonly code = 'KUBE_CONNECTION';
  readonly retryable = true;
}

/** No answer within the time limit. A write may nevertheless have happened. */
export class TimeoutError extends KubeError {
  override readonly name = 'TimeoutError';
  readonly code = 'KUBE_TIMEOUT';
  readonly retryable = true;
}

/** The server sent an object that its ResourceType cannot decode. */
export class UnreadableObjectError extends KubeError {
  override readonly name = 'UnreadableObjectError';
  readonly code = 'KUBE_UNREADABLE_OBJECT';
  readonly retryable = false;
}

/** No usable kubeconfig or service account. */
export class ConfigurationError extends KubeError {
  override readonly name = 'ConfigurationError';
  readonly code = 'KUBE_CONFIGURATION';
  readonly retryable = false;
}

/**
 * Thrown by a reconcile function when a retry cannot succeed until something changes. It is counted and logged, and the
 * request is not retried; the next change of a watched object adds it to the queue again.
 */
export class TerminalError extends KubeError {
  override readonly name = 'TerminalError';
  readonly code = 'KUBE_TERMINAL';
  readonly retryable = false;
}

/** A reconcile took longer than its controller allows. */
export class ReconcileTimeoutError extends KubeError {
  override readonly name = 'ReconcileTimeoutError';
  readonly code = 'KUBE_RECONCILE_TIMEOUT';
  readonly retryable = true;
}

/** Another candidate has, or may have, the Lease: stop acting at once. */
export class LeadershipLostError extends KubeError {
  override readonly name = 'LeadershipLostError';
  readonly code = 'KUBE_LEADERSHIP_LOST';
  readonly retryable = false;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.isNotFound;
}
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.isConflict;
}
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.isAlreadyExists;
}
