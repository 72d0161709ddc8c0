import { describe, expect, test } from '@jest/globals';
import { de } from '../../../../src/web/seller/text/de.ts';
import { en } from '../../../../src/web/seller/text/en.ts';
import { sellerWordsOf } from '../../../../src/web/seller/text/words.ts';

/** `causes.delay.what` -> its text, for all of them. */
function texts(from: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(from).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? [...texts(value, `${path}${key}.`)]
        : [[`${path}${key}`, String(value)] as const],
    ),
  );
}

const places = (text: string | undefined): readonly string[] => (text?.match(/\{\w+\}/g) ?? []).toSorted();

describe('both languages', () => {
  test('have the same keys, the same places, and the same texts that are empty', () => {
    const german = texts(de);
    expect([...german.keys()]).toEqual([...texts(en).keys()]);
    for (const [key, text] of texts(en)) {
      expect([key, places(german.get(key))]).toEqual([key, places(text)]);
      expect([key, german.get(key) === '']).toEqual([key, text === '']);
    }
  });

  test.each([en, de])(
    '$locale: each cause says what is wrong, what buyers see and what to do',
    ({ causes }) => {
      for (const { what, buyers, advice, figure } of Object.values(causes)) {
        for (const text of [what, buyers, advice]) expect(text).toMatch(/[.?]$/);
        if (figure !== '') expect(figure).toContain('{limit}');
      }
    },
  );
});

test('prices below a cent are not 0', () => {
  expect(sellerWordsOf(en).money(0.0045)).toBe('$0.0045');
  expect(sellerWordsOf(en).money(0)).toBe('$0.00');
  expect(sellerWordsOf(en).money(3.99)).toBe('$3.99');
});

test('a text of which a value is missing is not shown with a hole', () => {
  const { filled } = sellerWordsOf(en);
  expect(filled('{n} of {m}', { n: '1', m: '2' })).toBe('1 of 2');
  expect(filled('{n} of {m}', { n: '1' })).toBe('');
});
