import { describe, expect, test } from '@jest/globals';
import { de } from '../../../../src/web/player/text/de.ts';
import { en } from '../../../../src/web/player/text/en.ts';
import type { Texts } from '../../../../src/web/player/text/texts.ts';
import { wordsOf } from '../../../../src/web/player/text/words.ts';

/** `states.paused.what` -> its text, for all of them. */
function texts(from: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(from).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? [...texts(value, `${path}${key}.`)]
        : [[`${path}${key}`, String(value)] as const],
    ),
  );
}

const placeholders = (text: string | undefined): readonly string[] => text?.match(/\{\w+\}/g) ?? [];

describe('both languages', () => {
  test('have the same keys, and no empty text', () => {
    expect([...texts(de).keys()]).toEqual([...texts(en).keys()]);
    for (const each of [de, en])
      expect([...texts(each).values()].filter((text) => text.trim() === '')).toEqual([]);
  });

  test('have the same placeholders in each text', () => {
    const german = texts(de);
    for (const [key, text] of texts(en))
      expect([key, placeholders(german.get(key))]).toEqual([key, placeholders(text)]);
  });

  test.each([en, de])(
    '$locale: what is said of a state ends as a sentence',
    ({ states, hostAway, offline }) => {
      for (const { what, next } of [...Object.values(states), hostAway, offline]) {
        expect(what).toMatch(/\.$/);
        expect(next).toMatch(/\.$/);
      }
    },
  );

  test.each([en, de])('$locale: no sentence blames the viewer', (each) => {
    for (const text of texts(each).values())
      expect(text).not.toMatch(
        /your (network|connection|device|browser|fault)|you (must|cannot|did)|Ihr(e|em|en)? (Netz|Verbindung|Gerät)|Sie (müssen|haben|können nicht)/i,
      );
  });
});

describe('numbers', () => {
  test('have the form of the language', () => {
    expect(wordsOf(en).count(en.retryIn, 1)).toBe('Next attempt in 1 second.');
    expect(wordsOf(en).count(en.retryIn, 2)).toBe('Next attempt in 2 seconds.');
    expect(wordsOf(de).number(4.5)).toBe('4,5');
    expect(wordsOf(de).percent(0.5)).toMatch(/^50\s%$/);
  });

  test('any plural form of another language is used', () => {
    const polish: Texts = {
      ...en,
      locale: 'pl',
      retryIn: { one: '{n} sekundę', few: '{n} sekundy', many: '{n} sekund', other: '{n} sekundy' },
    };
    const words = wordsOf(polish);
    expect([1, 3, 5].map((n) => words.count(polish.retryIn, n))).toEqual([
      '1 sekundę',
      '3 sekundy',
      '5 sekund',
    ]);
  });

  test('are written as another locale has them, with the same words', () => {
    expect(wordsOf(en, 'ar-EG').number(12)).toBe('١٢');
    expect(wordsOf(en, 'ar-EG').states).toBe(en.states);
  });
});
