import { describe, expect, test } from '@jest/globals';
import { isOfType } from '../../../../src/store/app/columns.ts';

describe("ids that are valid values of the type of an app's own ids", () => {
  test.each([
    ['integer', '2147483647', true],
    ['integer', '2147483648', false],
    ['integer', '-2147483648', true],
    ['integer', '007', false],
    ['integer', '1.0', false],
    ['integer', ' 1', false],
    ['smallint', '32768', false],
    ['bigint', '9223372036854775807', true],
    ['bigint', '9223372036854775808', false],
    ['bigint', '9'.repeat(500), false],
    ['uuid', '5f0c1c0e-8a5b-4f0e-9d8e-0d9f3f1c2b3a', true],
    ['uuid', '5F0C1C0E-8A5B-4F0E-9D8E-0D9F3F1C2B3A', false],
    ['text', "O'Reilly", true],
  ])('%s: %s', (type, id, expected) => {
    expect(isOfType(type, id)).toBe(expected);
  });
});
