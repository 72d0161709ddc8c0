import { expect, test } from '@jest/globals';
import { CodedError, UserError } from '../../../src/base/errors.ts';
import { errorText } from '../../../src/base/error-text.ts';
import { ApiError, ConnectionError } from '../../../src/kube/errors.ts';
import { parseSettings } from '../../../src/origin/settings.ts';
import { readSecrets } from '../../../src/recorder/recording/webhook/signature.ts';
import { SecretText } from '../../../src/base/secret-text.ts';
import { OriginProblem } from '../../../src/origin/errors.ts';
import { PlatformError } from '../../../src/platforms/errors.ts';
import { ApiProblem } from '../../../src/server/problems.ts';
import { StoreError } from '../../../src/store/errors.ts';
import { parseTrace } from '../../../src/costs/trace.ts';
import { parseDuration } from '../../../src/base/duration.ts';

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each<[unknown, string, boolean]>([
  [new UserError('no such file'), 'USER_ERROR', false],
  [thrownBy(() => parseDuration('soon')), 'USER_ERROR', false],
  [thrownBy(() => parseTrace('', 'trace.csv')), 'TRACE_INVALID', false],
  [thrownBy(() => parseSettings({})), 'USER_ERROR', false],
  [thrownBy(() => readSecrets(new SecretText('too short'))), 'USER_ERROR', false],
  [new ConnectionError('reset'), 'KUBE_CONNECTION', true],
  [new ApiError('get', { status: 503 }), 'KUBE_API', true],
  [new ApiError('get', { status: 404 }), 'KUBE_API', false],
  [new StoreError('Unavailable', 'away'), 'STORE_UNAVAILABLE', true],
  [new StoreError('Invalid', 'wrong'), 'STORE_INVALID', false],
  [new PlatformError('QuotaExceeded', 'full', { retryable: true }), 'QuotaExceeded', true],
  [new OriginProblem('NotReady', 'nginx restarts'), 'NotReady', true],
  [new OriginProblem('UnknownStream', 'a'), 'UnknownStream', false],
  [new ApiProblem('stream-not-ready', 'a'), 'stream-not-ready', true],
  [new ApiProblem('internal', 'a'), 'internal', false],
])('%p has a code and a retryable flag', (error, code, retryable) => {
  expect(error).toBeInstanceOf(CodedError);
  expect(error).toMatchObject({ code, retryable });
});

test('the text of an error is the message without the code', () => {
  expect(errorText(new UserError('no such file'))).toBe('UserError: no such file');
});
