import { expect, test } from '@jest/globals';
import { frameworkProblem } from '../../../src/server/framework-errors.ts';
import { ApiProblem } from '../../../src/server/problems.ts';

const withStatus = (statusCode: number): Error => Object.assign(new Error('why'), { statusCode });

test.each([
  [withStatus(400), 'invalid-request', 'why'],
  [withStatus(413), 'too-large', 'why'],
  [withStatus(415), 'unsupported-media-type', 'Send application/json.'],
  [withStatus(500), 'internal', 'The service failed. See its log under the request id.'],
  [
    new TypeError('a secret of the inside'),
    'internal',
    'The service failed. See its log under the request id.',
  ],
  ['a text', 'internal', 'The service failed. See its log under the request id.'],
  [new ApiProblem('timeout', 'The request timed out.'), 'timeout', 'The request timed out.'],
])('%p is %s', (error, code, detail) => {
  expect(frameworkProblem(error)).toMatchObject({ code, detail });
});
