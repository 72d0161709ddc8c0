import type { Plural, Texts } from './texts.ts';

/** The rules of a language. */
export interface LanguageRules {
  readonly number: (value: number) => string;
  readonly percent: (share: number) => string;
  /** The form for `n`, with `n` in it. */
  readonly count: (forms: Plural, n: number) => string;
}

/** Texts together with the rules of their language. */
export interface Words extends Texts, LanguageRules {}

/** `locale` overrides how numbers are written, not the language. */
export function wordsOf<T extends { readonly locale: string }>(
  texts: T,
  locale: string = texts.locale,
): T & LanguageRules {
  const plural = new Intl.PluralRules(texts.locale);
  const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const number = (value: number): string => decimal.format(value);
  return {
    ...texts,
    number,
    percent: (share) => percent.format(share),
    count: (forms, n) => (forms[plural.select(n)] ?? forms.other).replace('{n}', number(n)),
  };
}
