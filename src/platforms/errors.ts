import type { Reason } from '../api/reasons.ts';

type PlatformReason = Extract<
  Reason,
  | 'CredentialsNotFound'
  | 'CredentialsRejected'
  | 'PlatformUnavailable'
  | 'QuotaExceeded'
  | 'InvalidConfiguration'
  | 'ProviderNotSupported'
>;

/**
 * A call to a platform failed. `reason` goes to the condition as it is; `retryable` says whether the same call may
 * succeed later without anybody changing anything.
 */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly reason: PlatformReason;
  readonly retryable: boolean;

  constructor(reason: PlatformReason, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.retryable = options.retryable;
  }
}
