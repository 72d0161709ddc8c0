import { APIError, APIUserAbortError } from 'cloudflare/error';
import { z } from 'zod';
import { oneLine } from '../../base/one-line.ts';
import { connectionFailure } from '../connection-failure.ts';
import { PlatformError, type PlatformErrorOptions } from '../errors.ts';
import { problemSchema } from './cloudflare-answers.ts';

/** A call, for messages and for its outcome. */
export interface Call {
  /** Name of the SDK's method, e.g. liveInputs.create. */
  readonly operation: string;
  /** Whether it changes something, so that its outcome is unknown if no answer comes. */
  readonly writes: boolean;
}

/** Codes for an invalid token, with any status. 6003 and 6111 mean that the header has an invalid format. */
const badTokenCodes = new Set(['1000', '1001', '9103', '9106', '9109', '6003', '6111']);
/** "Could not route to /accounts/...": the account ID is invalid. */
const badRouteCodes = new Set(['7000', '7003']);

/** An error answer of Cloudflare. */
export interface RefusedAnswer {
  readonly status: number;
  readonly codes: readonly string[];
  /** Codes and messages, e.g. "10000 Authentication error". */
  readonly said: string;
  /** The pause that Cloudflare requests with `retry-after`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** The error answer in an error of the SDK; undefined if no answer came. */
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
      oneLine(problems.map(({ code, message }) => `${code ?? ''} ${message}`.trim()).join('; '), 300) ||
      `status ${status}`,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined,
  };
}

/** The resource does not exist; a missing account or route does not count. */
export function isAbsent({ status, codes }: RefusedAnswer): boolean {
  return status === 404 && !codes.some((code) => badRouteCodes.has(code));
}

/** The request was refused because of its content; the token and the account were accepted. */
export function isRefusedByContent(refused: RefusedAnswer): boolean {
  const { status, codes } = refused;
  return (
    [400, 409, 422].includes(status) && !isBadToken(refused) && !codes.some((code) => badRouteCodes.has(code))
  );
}

/** The token is certainly invalid. */
export function isBadToken({ codes }: RefusedAnswer): boolean {
  return codes.some((code) => badTokenCodes.has(code));
}

/** The API token is invalid. `said`: codes and messages of the answer. */
export function badToken({ operation }: Call, said: string): PlatformError {
  return new PlatformError(
    'CredentialsRejected',
    `Cloudflare refused the API token (${operation}: ${said}). Set a valid token in the Secret under the key "apiToken".`,
    { retryable: false },
  );
}

/** The API token lacks the permission for live inputs. */
export function noPermission({ operation }: Call, said: string, accountId: string): PlatformError {
  return new PlatformError(
    'PermissionDenied',
    `Cloudflare refused ${operation} (${said}). The API token requires the permission Stream:Edit for account ${accountId}.`,
    { retryable: false },
  );
}

/** The API token lacks the permission for analytics. */
export function noAnalytics(said: string | undefined, accountId: string): PlatformError {
  return new PlatformError(
    'PermissionDenied',
    `Cloudflare returned no delivery figures (${said ?? 'no data'}). The API token requires the permission Account Analytics:Read for account ${accountId}.`,
    { retryable: false },
  );
}

/** The API token is not for this account. `reachable`: IDs of the accounts that it is for, if known. */
export function wrongAccount(
  { operation }: Call,
  said: string,
  accountId: string,
  reachable: readonly string[],
): PlatformError {
  const may = reachable.length === 0 ? '' : `, which can access ${reachable.join(', ')}`;
  return new PlatformError(
    'InvalidConfiguration',
    `Cloudflare refused ${operation} (${said}). Account ${accountId} is not accessible with this API token${may}. Correct spec.cloudflare.accountId or the token.`,
    { retryable: false },
  );
}

/** Converts an error answer. Undefined for a 401 or 403 whose cause may be the token, its permissions or the account. */
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
      `${answered}. The account's storage is full, and no stream can start without storage. Delete recordings or buy more minutes.`,
      { retryable: true },
    );
  if (/maximum number|too many live inputs|limit reached/i.test(said))
    return new PlatformError(
      'QuotaExceeded',
      `${answered}. Delete live inputs, or request a higher limit from Cloudflare.`,
      {
        retryable: true,
      },
    );
  if (/subscription/i.test(said))
    return new PlatformError(
      'PermissionDenied',
      `${answered}. Account ${accountId} requires a subscription to Cloudflare Stream.`,
      { retryable: false },
    );
  if (status === 401 || status === 403) return undefined;
  if (status === 429)
    return new PlatformError(
      'PlatformThrottled',
      `${answered}. There were too many calls for this account.`,
      {
        retryable: true,
      },
    );
  if (status >= 500 || status === 408)
    return new PlatformError('PlatformUnavailable', `${answered}.`, unanswered(call));
  if (status === 409) return new PlatformError('PlatformUnavailable', `${answered}.`, { retryable: true });
  return new PlatformError('InvalidConfiguration', `${answered}.`, { retryable: false });
}

/** No answer came, or one with an unknown format. */
export function noAnswerError(error: unknown, call: Call, baseUrl: string): PlatformError {
  if (isNonsense(error))
    return new PlatformError(
      'PlatformUnavailable',
      `The answer of ${baseUrl} to ${call.operation} does not match Cloudflare's API (${error instanceof z.ZodError ? fields(error) : 'no JSON'}). Check spec.cloudflare.baseUrl.`,
      unanswered(call, error),
    );
  const { code, untrusted, unsent } = connectionFailure(error);
  if (untrusted)
    return new PlatformError(
      'PlatformUnavailable',
      `The certificate of Cloudflare's API at ${baseUrl} could not be verified (${String(code)}). If it is private, add its CA to the Secret under the key "ca.crt".`,
      { retryable: false, cause: error },
    );
  const detail = error instanceof APIUserAbortError ? 'aborted' : (code ?? 'no answer in time');
  const options = unanswered(call, error);
  return new PlatformError(
    'PlatformUnavailable',
    `Cloudflare's API at ${baseUrl} does not answer ${call.operation} (${detail}).`,
    unsent ? { ...options, outcome: 'none' } : options,
  );
}

/** The call was aborted before it was sent, while it waited for the rate limit. */
export function notSentError(cause: unknown, { operation }: Call): PlatformError {
  return new PlatformError(
    'PlatformUnavailable',
    `${operation} was aborted while it waited for the rate limit.`,
    {
      retryable: true,
      cause,
    },
  );
}

/**
 * Whether the answer could not be parsed or validated. Checks the shape and not the class, because the error may come
 * from another realm.
 */
function isNonsense(error: unknown): boolean {
  if (error instanceof z.ZodError) return true;
  return typeof error === 'object' && error !== null && Reflect.get(error, 'name') === 'SyntaxError';
}

/** Whether the platform caused the error, and not a bug in the SDK or in this code. */
export function isPlatformFault(error: unknown): boolean {
  return error instanceof APIError || isNonsense(error);
}

/** Marks the outcome of an error as unknown, because an earlier call of the same operation had an effect. */
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
