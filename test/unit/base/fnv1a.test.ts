import { expect, test } from '@jest/globals';
import { fnv1a } from '../../../src/base/fnv1a.ts';

// The published test vectors: http://www.isthe.com/chongo/tech/comp/fnv/
test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('of %j', (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});
