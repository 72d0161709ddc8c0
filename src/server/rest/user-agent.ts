import type { QoeReport } from '../contract/qoe.ts';

type Browser = QoeReport['ua']['browser'];
type System = QoeReport['ua']['os'];

/** Longer than the user agent of any browser. */
const MAX_LENGTH = 512;

/** The first that matches, because the names of some are in the user agents of others. The group is the major version. */
const browsers: readonly (readonly [Browser, RegExp])[] = [
  ['samsung', /SamsungBrowser\/(\d+)/],
  ['edge', /Edg(?:A|iOS)?\/(\d+)/],
  ['firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['chrome', /(?:Chrome|CriOS)\/(\d+)/],
  ['safari', /Version\/(\d+).*Safari/],
];
const systems: readonly (readonly [System, RegExp])[] = [
  ['android', /Android/],
  ['ios', /iPhone|iPad/],
  ['windows', /Windows/],
  ['macos', /Mac/],
  ['linux', /Linux|CrOS/],
];

/** Browser and system, and no more: the rest of a user agent helps to tell persons apart. */
export function deviceOf(userAgent = ''): QoeReport['ua'] {
  const text = userAgent.slice(0, MAX_LENGTH);
  const found = browsers
    .map(([browser, pattern]) => ({ browser, version: pattern.exec(text)?.[1] }))
    .find(({ version }) => version !== undefined);
  return {
    browser: found?.browser ?? 'other',
    major: Math.min(Number(found?.version ?? 0), 9_999),
    os: systems.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other',
    mobile: /Mobi|Android|iPad/.test(text),
  };
}
