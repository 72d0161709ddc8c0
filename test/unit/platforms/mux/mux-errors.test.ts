import Mux, { APIError, APIUserAbortError } from '@mux/mux-node';
import { describe, expect, test } from '@jest/globals';
import {
  isStatus,
  muxError,
  retryAfterMs,
  type FailedMuxCall,
} from '../../../../src/platforms/mux/mux-errors.ts';

const write: FailedMuxCall = {
  what: 'create a live stream',
  writes: true,
  baseUrl: 'https://api.mux.com',
  sent: true,
  aborted: false,
};
const read: FailedMuxCall = { ...write, what: 'list the live streams', writes: false };

function answered(status: number, type = 'x', messages: string[] = [], headers = {}): APIError {
  return APIError.generate(status, { error: { type, messages } }, undefined, new Headers(headers));
}

describe('error responses', () => {
  test.each([
    [401, 'unauthorized', ['Unauthorized request'], 'CredentialsRejected', false, 'none'],
    [403, 'forbidden', [], 'PermissionDenied', false, 'none'],
    [404, 'not_found', [], 'PermissionDenied', false, 'none'],
    [400, 'invalid_parameters', ['reconnect_window: too big'], 'InvalidConfiguration', false, 'none'],
    [422, 'invalid_parameters', [], 'InvalidConfiguration', false, 'none'],
    [
      400,
      'invalid_parameters',
      ['You have reached the limit of live streams'],
      'QuotaExceeded',
      true,
      'none',
    ],
    [400, 'invalid_parameters', ['Not available on the free plan'], 'QuotaExceeded', true, 'none'],
    [402, 'payment_required', [], 'QuotaExceeded', true, 'none'],
    [429, 'too_many_requests', [], 'PlatformThrottled', true, 'none'],
    [408, 'timeout', [], 'PlatformUnavailable', true, 'unknown'],
    [500, 'internal_error', [], 'PlatformUnavailable', true, 'unknown'],
    [503, 'service_unavailable', [], 'PlatformUnavailable', true, 'unknown'],
  ])('%s %s %j', (status, type, messages, reason, retryable, outcome) => {
    const error = muxError(answered(status, type, messages), write);
    expect(error).toMatchObject({ reason, retryable, outcome });
    expect(error.message).toContain('create a live stream');
    for (const message of messages) expect(error.message).toContain(message);
    expect(muxError(answered(status, type, messages), read).outcome).toBe('none');
  });

  test('contain the remedy', () => {
    expect(muxError(answered(401), write).message).toContain('tokenId and tokenSecret');
    expect(muxError(answered(403), write).message).toContain('Mux Video Read and Write');
    expect(muxError(answered(402), write).message).toContain("raise the account's limit");
  });

  test('of a server that is not Mux are reported as such', () => {
    const page = APIError.generate(502, '<html>Bad Gateway</html>', undefined, new Headers());
    expect(muxError(page, read)).toMatchObject({ reason: 'PlatformUnavailable', retryable: true });
  });

  test('contain the delay of the retry, if there is one', () => {
    expect(retryAfterMs(answered(429, 'x', [], { 'retry-after': '3' }))).toBe(3_000);
    expect(retryAfterMs(answered(429))).toBeUndefined();
    expect(
      retryAfterMs(answered(429, 'x', [], { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })),
    ).toBeUndefined();
    expect(retryAfterMs(new Error('no'))).toBeUndefined();
    expect(isStatus(answered(429), 429)).toBe(true);
    expect(isStatus(new Error('no'), 429)).toBe(false);
  });
});

describe('calls without an answer', () => {
  const failed = (code: string): Error =>
    new Mux.APIConnectionError({
      cause: new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code }) }),
    });

  test.each([
    ['ECONNREFUSED', 'none', true],
    ['ENOTFOUND', 'none', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'none', true],
    ['ECONNRESET', 'unknown', true],
    ['UND_ERR_SOCKET', 'unknown', true],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'none', false],
  ])('%s: the outcome of a change is %s', (code, outcome, retryable) => {
    expect(muxError(failed(code), write)).toMatchObject({
      reason: 'PlatformUnavailable',
      outcome,
      retryable,
    });
    expect(muxError(failed(code), read).outcome).toBe('none');
  });

  test('in time may have had their effect', () => {
    const error = muxError(new APIUserAbortError(), write);
    expect(error).toMatchObject({ reason: 'PlatformUnavailable', outcome: 'unknown', retryable: true });
    expect(error.message).toContain('it took too long');
  });

  test('because the caller aborted have an unknown outcome once sent, and no effect before', () => {
    const aborted = { ...write, aborted: true };
    expect(muxError(new APIUserAbortError(), aborted).outcome).toBe('unknown');
    expect(muxError(new Error('aborted'), { ...aborted, sent: false }).outcome).toBe('none');
  });

  test('with a private certificate mention where to add the CA', () => {
    expect(muxError(failed('SELF_SIGNED_CERT_IN_CHAIN'), read).message).toContain('"ca.crt"');
  });
});
