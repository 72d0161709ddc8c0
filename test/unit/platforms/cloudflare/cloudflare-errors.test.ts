import { describe, expect, test } from '@jest/globals';
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'cloudflare/error';
import { z } from 'zod';
import {
  afterEffect,
  isAbsent,
  noAnswerError,
  refusalError,
  refusedAnswer,
  type RefusedAnswer,
} from '../../../../src/platforms/cloudflare/cloudflare-errors.ts';
import { PlatformError } from '../../../../src/platforms/errors.ts';

const create = { operation: 'liveInputs.create', writes: true };
const get = { operation: 'liveInputs.get', writes: false };
const account = '0'.repeat(32);

function refused(status: number, code: number, message: string, headers = {}): RefusedAnswer {
  const body = { success: false, errors: [{ code, message }], messages: [], result: null };
  const answer = refusedAnswer(APIError.generate(status, body, undefined, new Headers(headers)));
  if (answer === undefined) throw new Error('it is a refusal');
  return answer;
}

describe('refused calls', () => {
  test.each([
    [401, 1000, 'Invalid API Token', 'CredentialsRejected', false, 'none'],
    [403, 9109, 'Invalid access token', 'CredentialsRejected', false, 'none'],
    [400, 6003, 'Invalid request headers', 'CredentialsRejected', false, 'none'],
    [404, 7003, 'Could not route to /accounts/x', 'InvalidConfiguration', false, 'none'],
    [400, 10011, 'ERR_STORAGE_QUOTA_EXHAUSTED: …', 'QuotaExceeded', true, 'none'],
    [403, 10011, 'Storage capacity exceeded', 'QuotaExceeded', true, 'none'],
    [403, 10012, 'reached the maximum number of live inputs', 'QuotaExceeded', true, 'none'],
    [403, 10014, 'ERR_MISSING_SUBSCRIPTION: check subscription', 'PermissionDenied', false, 'none'],
    [429, 971, 'Please wait', 'PlatformThrottled', true, 'none'],
    [500, 10001, 'Internal Server Error', 'PlatformUnavailable', true, 'unknown'],
    [408, 0, 'timeout', 'PlatformUnavailable', true, 'unknown'],
    [409, 10013, 'Conflict', 'PlatformUnavailable', true, 'none'],
    [400, 10005, 'Bad Request', 'InvalidConfiguration', false, 'none'],
  ] as const)('%d %d %s: %s', (status, code, message, reason, retryable, outcome) => {
    const error = refusalError(refused(status, code, message), create, account);
    expect(error).toMatchObject({ reason, retryable, outcome });
    expect(error?.message).toContain(`${code} ${message}`);
    expect(error?.message).toContain('liveInputs.create');
  });

  test.each([401, 403])('%d "Authentication error" alone does not identify the cause', (status) => {
    expect(refusalError(refused(status, 10000, 'Authentication error'), create, account)).toBeUndefined();
  });

  test('a failed call that only reads has no effect', () => {
    expect(refusalError(refused(500, 1, 'x'), get, account)).toMatchObject({ outcome: 'none' });
  });

  test('a missing object is distinguished from a missing route', () => {
    expect(isAbsent(refused(404, 10003, 'Not Found'))).toBe(true);
    expect(isAbsent(refused(404, 7003, 'Could not route'))).toBe(false);
  });

  test('an error contains the delay of the retry, and a body that is not JSON is accepted', () => {
    expect(refused(429, 971, 'x', { 'retry-after': '17' }).retryAfterMs).toBe(17_000);
    expect(refused(429, 971, 'x').retryAfterMs).toBeUndefined();
    const page = refusedAnswer(APIError.generate(503, undefined, '<html>', new Headers()));
    expect(page).toMatchObject({ status: 503, codes: [], said: 'status 503' });
  });
});

describe('calls without an answer', () => {
  const caused = (code: string): Error =>
    new APIConnectionError({ cause: new Error('outer', { cause: Object.assign(new Error('x'), { code }) }) });
  test.each([
    ['connection refused', caused('ECONNREFUSED'), true, 'none'],
    ['unknown host', caused('ENOTFOUND'), true, 'none'],
    ['connection reset', caused('ECONNRESET'), true, 'unknown'],
    ['timeout', new APIConnectionTimeoutError(), true, 'unknown'],
    ['aborted by the caller', new APIUserAbortError(), true, 'unknown'],
    ['untrusted certificate', caused('SELF_SIGNED_CERT_IN_CHAIN'), false, 'none'],
  ] as const)('%s', (_what, error, retryable, outcome) => {
    const failure = noAnswerError(error, create, 'https://api');
    expect(failure).toMatchObject({ reason: 'PlatformUnavailable', retryable, outcome });
    expect(noAnswerError(error, get, 'https://api').outcome).toBe('none');
  });

  test('an answer that cannot be parsed may belong to a call that had its effect', () => {
    const { error } = z.object({ uid: z.string() }).safeParse({});
    const failure = noAnswerError(error, create, 'https://api');
    expect(failure).toMatchObject({ reason: 'PlatformUnavailable', outcome: 'unknown' });
    expect(failure.message).toContain('uid');
  });
});

test('a failure after an effect has an unknown outcome', () => {
  const error = new PlatformError('PlatformThrottled', 'wait', { retryable: true });
  expect(afterEffect(error)).toMatchObject({
    reason: 'PlatformThrottled',
    message: 'wait',
    outcome: 'unknown',
  });
  const other = new Error('x');
  expect(afterEffect(other)).toBe(other);
});
