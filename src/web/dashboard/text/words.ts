import type { Plural } from '../../player/text/texts.ts';
import { en } from './en.ts';

/** All words in one language: another one has the same keys. */
export type Texts = typeof en;

/** Texts together with how their language writes numbers, times and amounts. */
export interface Words {
  readonly texts: Texts;
  readonly number: (value: number) => string;
  readonly percent: (share: number) => string;
  /** An amount that the service wrote as a decimal string. */
  readonly usd: (amount: string) => string;
  /** A price, which may be fractions of a cent. */
  readonly price: (dollars: number) => string;
  /** To the second. */
  readonly time: (at: number) => string;
  readonly minute: (at: number) => string;
  readonly dateTime: (at: number) => string;
  /** With the year: for what may be long ago, or far ahead. */
  readonly yearDateTime: (at: number) => string;
  /** The form for `n`, with the values in it. */
  readonly count: (forms: Plural, n: number, values?: Readonly<Record<string, string>>) => string;
}

/** `{name}` replaced by the value of that name. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Whether there are words for a value: a newer service may have values that this page does not know. */
export function isKeyOf<Table extends object>(table: Table, value: PropertyKey): value is keyof Table {
  return Object.hasOwn(table, value);
}

export function wordsOf(texts: Texts, timeZone?: string): Words {
  const zone = timeZone === undefined ? {} : { timeZone };
  const plural = new Intl.PluralRules(texts.locale);
  const decimal = new Intl.NumberFormat(texts.locale, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(texts.locale, { style: 'percent', maximumFractionDigits: 1 });
  const usd = new Intl.NumberFormat(texts.locale, { style: 'currency', currency: 'USD' });
  const price = new Intl.NumberFormat(texts.locale, {
    style: 'currency',
    currency: 'USD',
    maximumFractionDigits: 4,
  });
  const minute = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone } as const;
  const second = { ...minute, second: '2-digit' } as const;
  const time = new Intl.DateTimeFormat(texts.locale, second);
  const minutes = new Intl.DateTimeFormat(texts.locale, minute);
  const dateTime = new Intl.DateTimeFormat(texts.locale, { month: 'short', day: 'numeric', ...second });
  const yearDateTime = new Intl.DateTimeFormat(texts.locale, {
    ...{ year: 'numeric', month: 'short', day: 'numeric' },
    ...second,
  });
  return {
    texts,
    number: (value) => decimal.format(value),
    percent: (share) => percent.format(share),
    usd: (amount) => usd.format(Number(amount)),
    // Cents are enough for amounts, and not for the price of a viewer.
    price: (dollars) => (Math.abs(dollars) < 1 ? price : usd).format(dollars),
    time: (at) => time.format(at),
    minute: (at) => minutes.format(at),
    dateTime: (at) => dateTime.format(at),
    yearDateTime: (at) => yearDateTime.format(at),
    count: (forms, n, values = {}) =>
      fill(forms[plural.select(n)] ?? forms.other, { n: decimal.format(n), ...values }),
  };
}

export const english = wordsOf(en);
