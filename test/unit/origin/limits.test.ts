import { expect, test } from '@jest/globals';
import { maxMessageBytes } from '../../../src/origin/limits.ts';

test('a message can hold a second of media, in whole KiB, and a keyframe of a slow publisher', () => {
  expect(maxMessageBytes(30_000)).toBe(3_663 * 1024);
  expect(maxMessageBytes(30_000)).toBeGreaterThan((20_000 * 1000) / 8);
  expect(maxMessageBytes(200)).toBe(1024 * 1024);
});
