import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions, parseVersion, releasedVersions } from '../../../../hack/release/version.ts';

test.each(['0.2.0', '1.0.0', '10.20.30'])('%s is a version', (text) => {
  expect(parseVersion(text)).toBe(text);
});

test.each(['', '1', '1.2', 'v1.2.3', '1.2.3-rc.1', '1.2.3+build', '01.2.3', '1.2.3\n', '1.2.-3'])(
  '%j is rejected, with a valid example',
  (text) => {
    expect(() => parseVersion(text)).toThrow(/VERSION=0\.2\.0/);
  },
);

test.each([
  ['0.2.0', '0.1.9'],
  ['1.0.0', '0.99.99'],
  ['0.10.0', '0.9.0'],
  ['0.1.10', '0.1.9'],
])('%s is higher than %s', (higher, lower) => {
  expect(compareVersions(higher, lower)).toBeGreaterThan(0);
  expect(compareVersions(lower, higher)).toBeLessThan(0);
});

test('versions are ordered numerically', () => {
  const parts = fc.tuple(fc.nat(200), fc.nat(200), fc.nat(200));
  const value = ([a, b, c]: readonly [number, number, number]): number => (a * 1_000 + b) * 1_000 + c;
  fc.assert(
    fc.property(parts, parts, (left, right) => {
      expect(Math.sign(compareVersions(left.join('.'), right.join('.')))).toBe(
        Math.sign(value(left) - value(right)),
      );
    }),
  );
});

test('tags of another form are ignored', () => {
  expect(releasedVersions(['v0.1.0', 'nightly', '0.2.0', 'v0.3.0-rc.1', 'v0.2.0'])).toEqual([
    '0.1.0',
    '0.2.0',
  ]);
});
