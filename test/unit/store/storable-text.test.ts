import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { storableJson, storableText } from '../../../src/store/storable-text.ts';

const unit = fc.constantFrom('a', 'é', '😀', '\u0000', '\ud83d', '\ude00', '\\', '\\u0000', '"', '\n');
const text = fc.array(unit, { maxLength: 8 }).map((units) => units.join(''));
/** Does what storableText says by another way. */
const escaped = (given: string): string =>
  Array.from(given, (point) => {
    const code = point.codePointAt(0) ?? 0;
    return code === 0 || (code >= 0xd800 && code <= 0xdfff)
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : point;
  }).join('');

test.each([
  ['a\u0000b', String.raw`a\u0000b`],
  ['\ud800', String.raw`\ud800`],
  ['😀 é\n', '😀 é\n'],
])('%j is stored as %j', (given, stored) => {
  expect(storableText(given)).toBe(stored);
});

test('text is well-formed and without NUL, and unchanged if it was so', () => {
  fc.assert(
    fc.property(text, (given) => {
      const stored = storableText(given);
      expect(stored).toBe(escaped(given));
      expect(stored.isWellFormed() && !stored.includes('\u0000')).toBe(true);
    }),
  );
});

test('JSON has the same values, with each of its texts and names escaped like text', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('object')),
    list: fc.array(tie('any'), { maxLength: 3 }),
    object: fc.dictionary(text, tie('any'), { maxKeys: 3 }),
  })).any;
  const mapped = (given: unknown): unknown => {
    if (typeof given === 'string') return escaped(given);
    if (Array.isArray(given)) return given.map(mapped);
    if (typeof given !== 'object' || given === null) return given;
    return Object.fromEntries(Object.entries(given).map(([name, each]) => [escaped(name), mapped(each)]));
  };
  fc.assert(
    fc.property(value, (given) => {
      expect(JSON.parse(storableJson(given) ?? 'null')).toEqual(mapped(given));
    }),
  );
  expect(storableJson(undefined)).toBeUndefined();
});
