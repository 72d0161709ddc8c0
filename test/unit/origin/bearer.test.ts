import { expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { carriesToken } from '../../../src/origin/bearer.ts';

test.each([
  ['Bearer right-token', true],
  ['bearer  right-token', true],
  ['Bearer wrong-token', false],
  ['Bearer right-token-and-more', false],
  ['Basic right-token', false],
  ['right-token', false],
  ['', false],
  [undefined, false],
])('%s -> %s', (header, accepted) => {
  expect(carriesToken(header, new SecretText('right-token'))).toBe(accepted);
});
