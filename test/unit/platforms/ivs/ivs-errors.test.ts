import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import {
  ivsError,
  notIvsError,
  whenRefused,
  type IvsCall,
} from '../../../../src/platforms/ivs/ivs-errors.ts';

const endpoint = 'https://ivs.eu-central-1.amazonaws.com';
const read: IvsCall = { operation: 'ListChannels', region: 'eu-central-1', endpoint };
const create: IvsCall = { ...read, operation: 'CreateChannel' };

/** An error as the SDK throws it. */
function thrown(name: string, status: number | undefined, properties: Record<string, unknown> = {}): Error {
  const $metadata = status === undefined ? {} : { httpStatusCode: status };
  return Object.assign(new Error('UnknownError'), { name, $metadata, ...properties });
}

describe('refused calls', () => {
  test.each([
    [
      'AccessDeniedException',
      403,
      'PermissionDenied',
      false,
      'Allow ivs:CreateChannel and ivs:TagResource in the IAM policy',
    ],
    ['PendingVerification', 403, 'PermissionDenied', true, 'still verifies the account'],
    ['ServiceQuotaExceededException', 402, 'QuotaExceeded', true, 'Raise the quota in Service Quotas'],
    ['ThrottlingException', 429, 'PlatformThrottled', true, 'limited to 5 of these calls per second'],
    ['ValidationException', 400, 'InvalidConfiguration', false, 'Correct the block spec.ivs'],
    ['ResourceNotFoundException', 404, 'InvalidConfiguration', false, 'Correct the block spec.ivs'],
    ['ConflictException', 409, 'PlatformUnavailable', true, 'The operator retries'],
    ['UnrecognizedClientException', 403, 'CredentialsRejected', false, 'accessKeyId and secretAccessKey'],
    ['ExpiredTokenException', 403, 'CredentialsRejected', false, 'have expired. Renew'],
    ['OptInRequired', 403, 'PermissionDenied', false, 'Enable the region'],
  ])('%s (%d) is %s', (name, status, reason, retryable, advice) => {
    const error = ivsError(thrown(name, status, { exceptionMessage: 'Not now.' }), create, true);
    // There was an answer, so the call had no effect.
    expect(error).toMatchObject({ reason, retryable, outcome: 'none' });
    expect(error.message).toContain(`refused CreateChannel in eu-central-1 (${name}: Not now.)`);
    expect(error.message).toContain(advice);
  });

  test.each([
    [
      "Credential should be scoped to a valid region, not 'us-east-1'.",
      'InvalidConfiguration',
      'spec.ivs.region',
    ],
    ['Signature expired: 20260101T000000Z is now earlier than', 'CredentialsRejected', 'Set the clock'],
    ['Signature not yet current: 20260101T000000Z', 'CredentialsRejected', 'Set the clock'],
    ['The request signature we calculated does not match', 'CredentialsRejected', 'secretAccessKey'],
  ])('signature error: %s', (message, reason, advice) => {
    const error = ivsError(thrown('InvalidSignatureException', 403, { message }), read, true);
    expect(error).toMatchObject({ reason, outcome: 'none' });
    expect(error.message).toContain(advice);
  });

  test('a refusal by another server mentions the endpoint', () => {
    const error = ivsError(thrown('UnknownError', 403), create, true);
    expect(error).toMatchObject({ reason: 'PlatformUnavailable', retryable: true, outcome: 'none' });
    expect(error.message).toContain('spec.ivs.endpoint');
  });
});

describe('calls without an answer', () => {
  const reset = { code: 'ECONNRESET' };
  test.each([
    ['a create whose connection was reset', create, thrown('Error', undefined, reset), true, 'unknown'],
    ['a create that timed out', create, thrown('TimeoutError', undefined), true, 'unknown'],
    ['a create that failed in IVS', create, thrown('InternalServerException', 500), true, 'unknown'],
    ['a create while IVS is unavailable', create, thrown('ServiceUnavailable', 503), true, 'unknown'],
    ['a create that was aborted', create, thrown('AbortError', undefined), true, 'unknown'],
    ['a create that was aborted before it was sent', create, thrown('AbortError', undefined), false, 'none'],
    [
      'a create with a refused connection',
      create,
      thrown('Error', undefined, { code: 'ECONNREFUSED' }),
      true,
      'none',
    ],
    ['a read whose connection was reset', read, thrown('Error', undefined, reset), true, 'none'],
  ])('%s', (_what, call, error, sent, outcome) => {
    expect(ivsError(error, call, sent)).toMatchObject({
      reason: 'PlatformUnavailable',
      retryable: true,
      outcome,
    });
  });

  test('an unknown host may be a wrong region', () => {
    const error = ivsError(thrown('Error', undefined, { code: 'ENOTFOUND' }), read, true);
    expect(error.message).toContain('Check spec.ivs.region');
  });

  test.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED'])(
    'a certificate that cannot be verified (%s) is not retryable',
    (code) => {
      const error = ivsError(thrown('Error', undefined, { code }), create, true);
      expect(error).toMatchObject({ reason: 'PlatformUnavailable', retryable: false, outcome: 'none' });
      expect(error.message).toContain('"ca.crt"');
    },
  );

  test('an answer that is not from IVS leaves the outcome of a change unknown', () => {
    expect(notIvsError(new Error('x'), create)).toMatchObject({ outcome: 'unknown', retryable: true });
    expect(notIvsError(new Error('x'), read)).toMatchObject({ outcome: 'none' });
  });
});

test('properties that the SDK adds to its errors are dropped, because its request contains the access key', () => {
  const $response = { req: { header: 'Authorization: AWS4-HMAC-SHA256 Credential=AKIASECRET' } };
  const error = ivsError(thrown('ValidationException', 400, { $response }), create, true);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('AKIASECRET');
});

describe('whenRefused', () => {
  const notLive = ivsError(thrown('ChannelNotBroadcasting', 404), read, true);

  test('returns the value for the named errors only, even if others have the same status', async () => {
    const live = Promise.reject(notLive).catch(whenRefused(['ChannelNotBroadcasting'], 'off air'));
    expect(await live).toBe('off air');
    const gone = Promise.reject(notLive).catch(whenRefused(['ResourceNotFoundException'], 'gone'));
    await expect(gone).rejects.toBe(notLive);
  });

  test('rethrows other errors', async () => {
    const bug = new TypeError('x');
    await expect(Promise.reject(bug).catch(whenRefused(['ConflictException'], 1))).rejects.toBe(bug);
  });
});
