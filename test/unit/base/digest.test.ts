import { expect, test } from '@jest/globals';
import { secretsEqual, sha256, sha256Hex } from '../../../src/base/digest.ts';

// FIPS 180-4, the example for "abc".
const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('is SHA-256 of the text, or its beginning', () => {
  expect(sha256Hex('abc')).toBe(abc);
  expect(sha256Hex('abc', 16)).toBe(abc.slice(0, 16));
  expect(sha256(Buffer.from('abc')).toString('hex')).toBe(abc);
});

test.each([
  ['a', 'a', true],
  ['a', 'b', false],
  ['a', 'aa', false],
  ['', '', true],
])('compares %j with %j', (a, b, equal) => {
  expect(secretsEqual(a, b)).toBe(equal);
});
