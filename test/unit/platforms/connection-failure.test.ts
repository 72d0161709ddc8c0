import { expect, test } from '@jest/globals';
import { connectionFailure } from '../../../src/platforms/connection-failure.ts';

const caused = (code: string): Error =>
  new TypeError('fetch failed', { cause: new Error('other', { cause: { code } }) });

test.each([
  ['ECONNREFUSED', { untrusted: false, unsent: true }],
  ['UND_ERR_CONNECT_TIMEOUT', { untrusted: false, unsent: true }],
  ['ECONNRESET', { untrusted: false, unsent: false }],
  ['CERT_HAS_EXPIRED', { untrusted: true, unsent: false }],
])('%s is found among the causes of an error, and classified', (code, judged) => {
  expect(connectionFailure(caused(code))).toEqual({ code, ...judged });
});

test('without a code the outcome is unknown: the call may have arrived', () => {
  for (const error of [new Error('timed out'), 'text', null, undefined])
    expect(connectionFailure(error)).toEqual({ code: undefined, untrusted: false, unsent: false });
});
