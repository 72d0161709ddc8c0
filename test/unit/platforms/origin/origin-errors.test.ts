import { describe, expect, test } from '@jest/globals';
import { answerError, noAnswerError } from '../../../../src/platforms/origin/origin-errors.ts';

const URL = 'http://origin:8081';
const withCode = (code: string): Error => Object.assign(new Error('no'), { code });

describe('error responses', () => {
  test.each([
    [401, { code: 'Unauthorized', message: 'm' }, 'CredentialsRejected', false, 'none'],
    [403, undefined, 'CredentialsRejected', false, 'none'],
    [409, { code: 'TooManyStreams', message: 'full' }, 'QuotaExceeded', true, 'none'],
    [400, { code: 'InvalidRequest', message: 'body.tags: no' }, 'InvalidConfiguration', false, 'none'],
    [503, { code: 'NotReady', message: 'm' }, 'PlatformUnavailable', true, 'unknown'],
    [502, undefined, 'PlatformUnavailable', true, 'unknown'],
    [404, undefined, 'PlatformUnavailable', true, 'none'],
  ])('%s %o', (status, problem, reason, retryable, outcome) => {
    expect(answerError(URL, status, problem, true)).toMatchObject({ reason, retryable, outcome });
    expect(answerError(URL, status, problem, false)).toMatchObject({ reason, retryable, outcome: 'none' });
  });
});

describe('calls without an answer', () => {
  test('are retryable', () => {
    const error = noAnswerError(URL, withCode('ECONNREFUSED'), true);
    expect(error).toMatchObject({ reason: 'PlatformUnavailable', retryable: true });
    expect(error.message).toBe('The origin at http://origin:8081 does not answer (ECONNREFUSED).');
  });

  test.each([
    ['ECONNREFUSED', true, 'none'],
    ['UND_ERR_CONNECT_TIMEOUT', true, 'none'],
    ['SELF_SIGNED_CERT_IN_CHAIN', true, 'none'],
    ['ECONNRESET', true, 'unknown'],
    ['UND_ERR_SOCKET', true, 'unknown'],
    ['UND_ERR_SOCKET', false, 'none'],
  ])('%s for a call that changes something (%s): the outcome is %s', (code, changes, outcome) => {
    expect(noAnswerError(URL, withCode(code), changes).outcome).toBe(outcome);
  });

  test('in time, as an error without a code, may have had their effect', () => {
    const timeout = new DOMException('too late', 'TimeoutError');
    expect(noAnswerError(URL, timeout, true).outcome).toBe('unknown');
  });

  test('because of an untrusted certificate mention where to add the CA', () => {
    const error = noAnswerError(
      URL,
      new Error('fetch failed', { cause: withCode('SELF_SIGNED_CERT_IN_CHAIN') }),
      true,
    );
    expect(error.retryable).toBe(false);
    expect(error.message).toContain('under the key "ca.crt"');
  });
});
