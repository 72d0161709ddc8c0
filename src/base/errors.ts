/**
 * The base of every error that is thrown on purpose and that a caller can act on. `code` is stable: it may be compared,
 * logged and counted, while the message is for people and may change.
 */
export abstract class CodedError extends Error {
  abstract readonly code: string;
  /** Whether the same call may succeed later without a change to its input. */
  abstract readonly retryable: boolean;
}

/** A command line, file or setting that a user must correct. The message says what is wrong and what to do. */
export class UserError extends CodedError {
  override readonly name: string = 'UserError';
  readonly code: string = 'USER_ERROR';
  readonly retryable = false;
}
