import { APIError, APIUserAbortError } from 'cloudflare/error';
import { z } from 'zod';
import { connectionFailure } from '../connection-failure.ts';
import { PlatformError, type PlatformErrorOptions } from '../errors.ts';
import { problemSchema } from './cloudflare-answers.ts';

/** What was asked, for the sentence and for what may have come of it. */
export interface Call {
  /** As the SDK has it, e.g. liveInputs.create. */
  readonly operation: string;
  readonly writes: boolean;
}

/** Codes of a token that is none, whatever the status: 6003 and 6111 are of a header that cannot be one. */
const badTokenCodes = new Set(['1000', '1001', '9103', '9106', '9109', '6003', '6111']);
/** "Could not route to /accounts/...": the account's id is not one. */
const badRouteCodes = new Set(['7000', '7003']);

/** Status and codes of an answer that is a refusal; undefined where no answer came. */
export interface RefusedAnswer {
  readonly status: number;
  readonly codes: readonly string[];
  /** "10000 Authentication error" */
  readonly said: string;
  /** How long not to ask again, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

export function refusedAnswer(error: unknown): RefusedAnswer | undefined {
  if (!(error instanceof APIError)) return undefined;
  const status: unknown = error.status;
  if (typeof status !== 'number') return undefined;
  const { data } = problemSchema.safeParse(error.error);
  const problems = data?.errors ?? [];
  const headers: unknown = error.headers;
  const seconds = Number((headers instanceof Headers ? headers.get('retry-after') : null) ?? Number.NaN);
  return {
    status,
    codes: problems.flatMap(({ code }) => (code === undefined ? [] : [String(code)])),
    said:
      problems.map(({ code, message }) => `${code ?? ''} ${message}`.trim()).join('; ') || `status ${status}`,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined,
  };
}

/** The thing does not exist, as against an account or a route that does not. */
export function isAbsent({ status, codes }: RefusedAnswer): boolean {
  return status === 404 && !codes.some((code) => badRouteCodes.has(code));
}

/** What was asked is not to its liking: the token and the account are good. */
export function isRefusedByContent(refused: RefusedAnswer): boolean {
  const { status, codes } = refused;
  return (
    [400, 409, 422].includes(status) && !isBadToken(refused) && !codes.some((code) => badRouteCodes.has(code))
  );
}

/** The token is no good for sure. */
export function isBadToken({ codes }: RefusedAnswer): boolean {
  return codes.some((code) => badTokenCodes.has(code));
}

export function badToken({ operation }: Call, said: string): PlatformError {
  return new PlatformError(
    'CredentialsRejected',
    `Cloudflare refused the API token (${operation}: ${said}). Put one that is valid into the Secret under the key "apiToken".`,
    { retryable: false },
  );
}

export function noPermission({ operation }: Call, said: string, accountId: string): PlatformError {
  return new PlatformError(
    'PermissionDenied',
    `Cloudflare refused ${operation} (${said}): the API token needs the permission Stream:Edit for account ${accountId}.`,
    { retryable: false },
  );
}

export function noAnalytics(said: string | undefined, accountId: string): PlatformError {
  return new PlatformError(
    'PermissionDenied',
    `Cloudflare does not tell what it delivered (${said ?? 'no figures'}): the API token needs the permission Account Analytics:Read for account ${accountId}.`,
    { retryable: false },
  );
}

export function wrongAccount(
  { operation }: Call,
  said: string,
  accountId: string,
  reachable: readonly string[],
): PlatformError {
  const may = reachable.length === 0 ? '' : `, which is for ${reachable.join(', ')}`;
  return new PlatformError(
    'InvalidConfiguration',
    `Cloudflare refused ${operation} (${said}): account ${accountId} is not one of this API token${may}. Correct spec.cloudflare.accountId or the token.`,
    { retryable: false },
  );
}

/** Undefined for a 401 or 403 that does not say whether the token, its rights or the account are to blame. */
export function refusalError(
  refused: RefusedAnswer,
  call: Call,
  accountId: string,
): PlatformError | undefined {
  const { status, codes, said } = refused;
  const answered = `Cloudflare answered ${call.operation} with ${status} (${said})`;
  if (isBadToken(refused)) return badToken(call, said);
  if (codes.some((code) => badRouteCodes.has(code))) return wrongAccount(call, said, accountId, []);
  if (/storage.*(quota|capacity|exhausted|exceeded)/i.test(said))
    return new PlatformError(
      'QuotaExceeded',
      `${answered}: the account's storage is used up, and without it no stream can start. Delete recordings or buy more minutes.`,
      { retryable: true },
    );
  if (/maximum number|too many live inputs|limit reached/i.test(said))
    return new PlatformError('QuotaExceeded', `${answered}. Delete live inputs or ask Cloudflare for more.`, {
      retryable: true,
    });
  if (/subscription/i.test(said))
    return new PlatformError(
      'PermissionDenied',
      `${answered}: account ${accountId} needs a subscription to Cloudflare Stream.`,
      { retryable: false },
    );
  if (status === 401 || status === 403) return undefined;
  if (status === 429)
    return new PlatformError('PlatformThrottled', `${answered}: too many calls for this account.`, {
      retryable: true,
    });
  if (status >= 500 || status === 408)
    return new PlatformError('PlatformUnavailable', `${answered}.`, unanswered(call));
  if (status === 409) return new PlatformError('PlatformUnavailable', `${answered}.`, { retryable: true });
  return new PlatformError('InvalidConfiguration', `${answered}.`, { retryable: false });
}

/** Of a call that brought no answer, or none that can be understood. */
export function noAnswerError(error: unknown, call: Call, baseUrl: string): PlatformError {
  if (isNonsense(error))
    return new PlatformError(
      'PlatformUnavailable',
      `What answers at ${baseUrl} to ${call.operation} is not Cloudflare's API as it is known here (${error instanceof z.ZodError ? fields(error) : 'no JSON'}); check spec.cloudflare.baseUrl.`,
      unanswered(call, error),
    );
  const { code, untrusted, unsent } = connectionFailure(error);
  if (untrusted)
    return new PlatformError(
      'PlatformUnavailable',
      `The certificate of Cloudflare's API at ${baseUrl} could not be verified (${String(code)}); if it is private, put its CA into the Secret under the key "ca.crt".`,
      { retryable: false, cause: error },
    );
  const detail = error instanceof APIUserAbortError ? 'given up' : (code ?? 'no answer in time');
  const options = unanswered(call, error);
  return new PlatformError(
    'PlatformUnavailable',
    `Cloudflare's API at ${baseUrl} does not answer ${call.operation} (${detail}).`,
    unsent ? { ...options, outcome: 'none' } : options,
  );
}

/** Before anything was sent, e.g. while it waited for its turn. */
export function notSentError(cause: unknown, { operation }: Call): PlatformError {
  return new PlatformError('PlatformUnavailable', `${operation} was given up before its turn came.`, {
    retryable: true,
    cause,
  });
}

/** An answer that cannot be read, or does not say what it must. By shape, because an error may be of another realm. */
function isNonsense(error: unknown): boolean {
  if (error instanceof z.ZodError) return true;
  return typeof error === 'object' && error !== null && Reflect.get(error, 'name') === 'SyntaxError';
}

/** Whether it is of the platform, and not a fault of the SDK or of ours. */
export function isPlatformFault(error: unknown): boolean {
  return error instanceof APIError || isNonsense(error);
}

/** Of a call that came after one that had its effect: the whole of them was not without effect. */
export function afterEffect(error: unknown): unknown {
  if (!(error instanceof PlatformError)) return error;
  const { reason, message, retryable, cause } = error;
  return new PlatformError(reason, message, { retryable, outcome: 'unknown', cause });
}

function unanswered({ writes }: Call, cause?: unknown): PlatformErrorOptions {
  return { retryable: true, outcome: writes ? 'unknown' : 'none', cause };
}

function fields({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
