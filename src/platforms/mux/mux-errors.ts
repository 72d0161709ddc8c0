import { APIError, APIUserAbortError } from '@mux/mux-node';
import { oneLine } from '../../base/one-line.ts';
import { connectionFailure } from '../connection-failure.ts';
import { PlatformError, type PlatformErrorOptions, type PlatformReason } from '../errors.ts';
import { muxProblemSchema } from './mux-answers.ts';

/** A call, for messages and for its outcome. */
export interface MuxCall {
  /** Verb phrase for messages, for example "create a live stream". */
  readonly what: string;
  /** Whether it changes something, so that its outcome is unknown if no answer comes. */
  readonly writes: boolean;
}

/** A call that failed, and when. */
export interface FailedMuxCall extends MuxCall {
  readonly baseUrl: string;
  /** False if the call failed while it waited for the rate limit, before anything was sent. */
  readonly sent: boolean;
  /** The caller aborted the call. */
  readonly aborted: boolean;
}

/** Converts any error of a call to a PlatformError. */
export function muxError(cause: unknown, call: FailedMuxCall): PlatformError {
  if (cause instanceof PlatformError) return cause;
  const outcome = call.writes && call.sent ? 'unknown' : 'none';
  if (call.aborted)
    return unavailable(`The call to ${call.what} at Mux was aborted before it was answered.`, {
      outcome,
      cause,
    });
  if (isAnswer(cause)) return refusal(cause, call);
  const { code, untrusted, unsent } = connectionFailure(cause);
  if (untrusted)
    return new PlatformError(
      'PlatformUnavailable',
      `The certificate of ${call.baseUrl} could not be verified (${String(code)}). If it is private, add its CA to the Secret under the key "ca.crt".`,
      { retryable: false, cause },
    );
  // The caller did not abort, so it was the time limit.
  const late = cause instanceof APIUserAbortError ? 'it took too long' : undefined;
  const detail = late ?? code ?? rootMessage(cause);
  return unavailable(`Mux at ${call.baseUrl} did not answer the call to ${call.what} (${detail}).`, {
    outcome: unsent ? 'none' : outcome,
    cause,
  });
}

/** The server's answer does not match the format of Mux's API. */
export function notMuxError(cause: unknown, { what, writes }: MuxCall, baseUrl: string): PlatformError {
  return unavailable(
    `The server at ${baseUrl} is not the API of Mux (call to ${what}). Check spec.mux.baseUrl.`,
    { outcome: writes ? 'unknown' : 'none', cause },
  );
}

function refusal(cause: MuxAnswer, call: FailedMuxCall): PlatformError {
  const { status } = cause;
  const problem = muxProblemSchema.safeParse(cause.error);
  const messages = problem.success ? problem.data.error.messages.join(' ') : '';
  const said = oneLine([String(status), problem.data?.error.type, messages].filter(Boolean).join(' '), 300);
  const refuse = (reason: PlatformReason, advice: string, retryable = false): PlatformError =>
    new PlatformError(reason, `Mux refused to ${call.what} (${said}). ${advice}`, { retryable, cause });
  if (status === 429) return refuse('PlatformThrottled', 'Too many calls. The operator retries later.', true);
  if (status === 408 || status >= 500)
    return unavailable(`Mux failed to ${call.what} (${said}).`, {
      outcome: call.writes ? 'unknown' : 'none',
      cause,
    });
  if (status === 401)
    return refuse(
      'CredentialsRejected',
      'Check tokenId and tokenSecret in the Secret. The token may be revoked, belong to another environment, or lack the permission Mux Video Read.',
    );
  if (status === 402 || QUOTA_MESSAGE.test(messages))
    return refuse(
      'QuotaExceeded',
      "Delete what is not needed at Mux, or raise the account's limit or plan.",
      true,
    );
  if (status === 403) return refuse('PermissionDenied', PERMISSION_ADVICE);
  // Mux's message is "either doesn't exist or you don't have access to it". Callers handle a missing stream themselves.
  if (status === 404)
    return refuse('PermissionDenied', `${PERMISSION_ADVICE} Or correct spec.mux.baseUrl: ${call.baseUrl}.`);
  return refuse(
    'InvalidConfiguration',
    "Correct what the message names in the channel's spec.playback or in spec.mux.",
  );
}

/** The credentials can read, but were refused for a change. */
export function mayNotWrite({ what }: MuxCall, cause: unknown): PlatformError {
  return new PlatformError('PermissionDenied', `Mux refused to ${what}. ${PERMISSION_ADVICE}`, {
    retryable: false,
    cause,
  });
}

const PERMISSION_ADVICE =
  'Grant the access token the permissions Mux Video Read and Write (Mux dashboard, Settings, Access Tokens).';

/** Mux has no error type for a reached quota; only the messages name it. */
const QUOTA_MESSAGE =
  /\b(quota|upgrade|free plan|(your|current) plan|limit (of|reached|exceeded)|exceeded)\b/i;

/** The SDK's error for an answer with an error status. Its errors for a missing answer have no status. */
type MuxAnswer = APIError<number, Headers>;

function isAnswer(error: unknown): error is MuxAnswer {
  return error instanceof APIError && typeof error.status === 'number';
}

/** Whether the error is an answer of Mux with this status. */
export function isStatus(error: unknown, status: number): boolean {
  return isAnswer(error) && error.status === status;
}

/** The pause that Mux requests with `retry-after`, in milliseconds. */
export function retryAfterMs(error: unknown): number | undefined {
  const seconds = isAnswer(error) ? Number(error.headers.get('retry-after') ?? Number.NaN) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

function unavailable(message: string, options: Omit<PlatformErrorOptions, 'retryable'>): PlatformError {
  return new PlatformError('PlatformUnavailable', message, { retryable: true, ...options });
}

/** The message of the innermost cause: fetch only reports "fetch failed", and the reason is in a nested cause. */
function rootMessage(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const cause: unknown = Reflect.get(error, 'cause');
  return cause === undefined ? String(Reflect.get(error, 'message')) : rootMessage(cause);
}
