import { wordsOf, type LanguageRules } from '../../player/text/words.ts';
import { fill } from './fill.ts';
import type { SellerTexts } from './texts.ts';

/** Texts together with the rules of their language. */
export interface SellerWords extends SellerTexts, LanguageRules {
  readonly money: (usd: number) => string;
  /** A time of day. `at` is in milliseconds since the epoch. */
  readonly time: (at: number) => string;
  /** `text` with `{n}` in it, or the word for what is unknown. */
  readonly figure: (text: string, n: number | undefined) => string;
  /** `text` with these values in it; empty where one is missing. */
  readonly filled: (text: string, values: Readonly<Record<string, string | undefined>>) => string;
}

/** `timeZone` is for those whose output must not depend on the device. */
export function sellerWordsOf(texts: SellerTexts, locale = texts.locale, timeZone?: string): SellerWords {
  const rules = wordsOf(texts, locale);
  const usd = {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  } as const;
  const price = new Intl.NumberFormat(locale, usd);
  const smallPrice = new Intl.NumberFormat(locale, { ...usd, maximumFractionDigits: 4 });
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone });
  return {
    ...rules,
    // A price below a cent would be 0.
    money: (value) => (value > 0 && value < 0.01 ? smallPrice : price).format(value),
    time: (at) => clock.format(at),
    figure: (text, n) => (n === undefined ? texts.unknownFigure : text.replace('{n}', rules.number(n))),
    filled: fill,
  };
}
