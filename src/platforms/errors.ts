import type { Reason } from '../api/reasons.ts';
import { CodedError } from '../base/errors.ts';

/** The condition reasons that a platform call can fail with. */
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

/** Options of a PlatformError besides reason and message. */
export interface PlatformErrorOptions {
  readonly retryable: boolean;
  /** `unknown`: the call may have had an effect, e.g. because no answer came. `none` (default): it had no effect. */
  readonly outcome?: 'none' | 'unknown';
  readonly cause?: unknown;
}

/**
 * A call to a platform failed. `reason` becomes the reason of the condition. `retryable`: the same call may succeed later
 * without a change to the configuration. The message is one or two sentences: what was refused and by whom, and what to
 * do.
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
