import type { Reason } from '../api/reasons.ts';
import { CodedError } from '../base/errors.ts';

export type PlatformReason = Extract<
  Reason,
  | 'CredentialsNotFound'
  | 'CredentialsRejected'
  | 'PermissionDenied'
  | 'PlatformUnavailable'
  | 'PlatformThrottled'
  | 'QuotaExceeded'
  | 'InvalidConfiguration'
>;

export interface PlatformErrorOptions {
  readonly retryable: boolean;
  /** `unknown`: the call may have had its effect, e.g. because no answer came. Default: it had none. */
  readonly outcome?: 'none' | 'unknown';
  readonly cause?: unknown;
}

/**
 * A call to a platform failed. `reason` goes to the condition as it is; `retryable` says whether the same call may
 * succeed later without anybody changing anything. The message is one or two sentences: what was refused and by whom,
 * and what to do.
 */
export class PlatformError extends CodedError {
  override readonly name = 'PlatformError';
  readonly reason: PlatformReason;
  readonly retryable: boolean;
  readonly outcome: 'none' | 'unknown';

  constructor(reason: PlatformReason, message: string, options: PlatformErrorOptions) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.retryable = options.retryable;
    this.outcome = options.outcome ?? 'none';
  }

  get code(): PlatformReason {
    return this.reason;
  }
}
