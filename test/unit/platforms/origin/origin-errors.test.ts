import { describe, expect, test } from '@jest/globals';
import { answerError, noAnswerError } from '../../../../src/platforms/origin/origin-errors.ts';

const URL = 'http://origin:8081';
const withCode = (code: string): Error => Object.assign(new Error('no'), { code });

describe('an answer that is an error', () => {
  test.each([
    [401, { code: 'Unauthorized', message: 'm' }, 'CredentialsRejected', false],
    [403, undefined, 'CredentialsRejected', false],
    [409, { code: 'TooManyStreams', message: 'full' }, 'QuotaExceeded', true],
    [400, { code: 'InvalidRequest', message: 'body.tags: no' }, 'InvalidConfiguration', false],
    [503, { code: 'NotReady', message: 'm' }, 'PlatformUnavailable', true],
    [502, undefined, 'PlatformUnavailable', true],
    [404, undefined, 'PlatformUnavailable', true],
  ])('%s %o', (status, problem, reason, retryable) => {
    expect(answerError(URL, status, problem)).toMatchObject({ reason, retryable });
  });
});

describe('no answer', () => {
  test('may come later', () => {
    const error = noAnswerError(URL, withCode('ECONNREFUSED'));
    expect(error).toMatchObject({ reason: 'PlatformUnavailable', retryable: true });
    expect(error.message).toBe('The origin at http://origin:8081 does not answer (ECONNREFUSED).');
  });

  test('for a certificate that nobody vouches for says where to put the CA', () => {
    const error = noAnswerError(
      URL,
      new Error('fetch failed', { cause: withCode('SELF_SIGNED_CERT_IN_CHAIN') }),
    );
    expect(error.retryable).toBe(false);
    expect(error.message).toContain('under the key "ca.crt"');
  });
});
