import { APIError, APIUserAbortError } from '@mux/mux-node';
import { connectionFailure } from '../connection-failure.ts';
import { PlatformError, type PlatformErrorOptions, type PlatformReason } from '../errors.ts';
import { muxProblemSchema } from './mux-answers.ts';

export interface MuxCall {
  /** In words that follow "to": "create a live stream". */
  readonly what: string;
  /** Whether it changes anything: then no answer means that nobody knows. */
  readonly writes: boolean;
}

export interface FailedMuxCall extends MuxCall {
  readonly baseUrl: string;
  /** False while the call waited for its turn: nothing was sent. */
  readonly sent: boolean;
  /** The caller has given up. */
  readonly aborted: boolean;
}

/** Whatever a call ended with, as the controllers understand it. */
export function muxError(cause: unknown, call: FailedMuxCall): PlatformError {
  if (cause instanceof PlatformError) return cause;
  const outcome = call.writes && call.sent ? 'unknown' : 'none';
  if (call.aborted)
    return unavailable(`The call to ${call.what} at Mux was given up before it was answered.`, {
      outcome,
      cause,
    });
  if (isAnswer(cause)) return refusal(cause, call);
  const { code, untrusted, unsent } = connectionFailure(cause);
  if (untrusted)
    return new PlatformError(
      'PlatformUnavailable',
      `The certificate of ${call.baseUrl} could not be verified (${String(code)}); if it is private, put its CA into the Secret under the key "ca.crt".`,
      { retryable: false, cause },
    );
  // Not the caller, so it was the time limit.
  const late = cause instanceof APIUserAbortError ? 'it took too long' : undefined;
  const detail = late ?? code ?? rootMessage(cause);
  return unavailable(`Mux at ${call.baseUrl} did not answer the call to ${call.what} (${detail}).`, {
    outcome: unsent ? 'none' : outcome,
    cause,
  });
}

/** Something answered that does not speak Mux's language. */
export function notMuxError(cause: unknown, { what, writes }: MuxCall, baseUrl: string): PlatformError {
  return unavailable(
    `What answers at ${baseUrl} is not the API of Mux (on the call to ${what}); check spec.mux.baseUrl.`,
    { outcome: writes ? 'unknown' : 'none', cause },
  );
}

function refusal(cause: MuxAnswer, call: FailedMuxCall): PlatformError {
  const { status } = cause;
  const problem = muxProblemSchema.safeParse(cause.error);
  const messages = problem.success ? problem.data.error.messages.join(' ') : '';
  const said = [String(status), problem.data?.error.type, messages].filter(Boolean).join(' ');
  const refuse = (reason: PlatformReason, advice: string, retryable = false): PlatformError =>
    new PlatformError(reason, `Mux refused to ${call.what} (${said}). ${advice}`, { retryable, cause });
  if (status === 429)
    return refuse('PlatformThrottled', 'There were too many calls; they go on after a while.', true);
  if (status === 408 || status >= 500)
    return unavailable(`Mux failed to ${call.what} (${said}).`, {
      outcome: call.writes ? 'unknown' : 'none',
      cause,
    });
  if (status === 401)
    return refuse(
      'CredentialsRejected',
      'Check tokenId and tokenSecret in the Secret: the token may be revoked, of another environment, or lack the permission Mux Video Read.',
    );
  if (status === 402 || fullAccount.test(messages))
    return refuse(
      'QuotaExceeded',
      "Delete what is not needed there, or raise the account's limit or plan at Mux.",
      true,
    );
  if (status === 403) return refuse('PermissionDenied', permissionAdvice);
  // Mux says "either doesn't exist or you don't have access to it"; callers handle the first where it can be.
  if (status === 404)
    return refuse('PermissionDenied', `${permissionAdvice} Or spec.mux.baseUrl is wrong: ${call.baseUrl}.`);
  return refuse('InvalidConfiguration', "Change what the message names: the channel's playback or spec.mux.");
}

/** The credentials read, and were refused for a change. */
export function mayNotWrite({ what }: MuxCall, cause: unknown): PlatformError {
  return new PlatformError('PermissionDenied', `Mux refused to ${what}. ${permissionAdvice}`, {
    retryable: false,
    cause,
  });
}

const permissionAdvice =
  'Give the access token the permissions Mux Video Read and Write (Mux dashboard, Settings, Access Tokens).';

/** Mux has no error type for it; the messages say it. */
const fullAccount = /\b(quota|upgrade|free plan|(your|current) plan|limit (of|reached|exceeded)|exceeded)\b/i;

/** What the SDK throws for an answer that is none of success; for no answer, its errors have no status. */
type MuxAnswer = APIError<number, Headers>;

function isAnswer(error: unknown): error is MuxAnswer {
  return error instanceof APIError && typeof error.status === 'number';
}

export function isStatus(error: unknown, status: number): boolean {
  return isAnswer(error) && error.status === status;
}

/** How long Mux asks to wait, in milliseconds. */
export function retryAfterMs(error: unknown): number | undefined {
  const seconds = isAnswer(error) ? Number(error.headers.get('retry-after') ?? Number.NaN) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

function unavailable(message: string, options: Omit<PlatformErrorOptions, 'retryable'>): PlatformError {
  return new PlatformError('PlatformUnavailable', message, { retryable: true, ...options });
}

/** fetch says "fetch failed", and why only in the cause of the cause. */
function rootMessage(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const cause: unknown = Reflect.get(error, 'cause');
  return cause === undefined ? String(Reflect.get(error, 'message')) : rootMessage(cause);
}
