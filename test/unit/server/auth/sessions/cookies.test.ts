import { expect, test } from '@jest/globals';
import {
  cookieIn,
  deleteCookie,
  SESSION_COOKIE,
  setCookie,
} from '../../../../../src/server/auth/sessions/cookies.ts';

test.each([
  ['alone', `${SESSION_COOKIE}=abc.def`, 'abc.def'],
  ['among others', `a=1; ${SESSION_COOKIE}=abc; b=2`, 'abc'],
  ['without spaces', `a=1;${SESSION_COOKIE}=abc;b=2`, 'abc'],
  ['with = in the value', `${SESSION_COOKIE}=abc==`, 'abc=='],
  ['empty', `${SESSION_COOKIE}=; a=1`, undefined],
  [
    'of a longer name',
    `x${SESSION_COOKIE}=abc; ${SESSION_COOKIE}x=abc; ${SESSION_COOKIE}-login=abc`,
    undefined,
  ],
  ['in another cookie', `a="${SESSION_COOKIE}=abc"`, undefined],
  ['in a header that is too long', `${'a'.repeat(20_000)}=1; ${SESSION_COOKIE}=abc`, undefined],
  ['without a header', undefined, undefined],
])('a cookie %s', (_where, header, value) => {
  expect(cookieIn(header, SESSION_COOKIE)).toBe(value);
});

test('a cookie is deleted with the attributes with which it was set: otherwise the prefix __Host- refuses it', () => {
  const attributes = (header: string): string[] =>
    header
      .split('; ')
      .slice(1)
      .filter((each) => !each.startsWith('Max-Age'));
  expect(attributes(deleteCookie(SESSION_COOKIE))).toEqual(
    attributes(setCookie(SESSION_COOKIE, 'abc', { lifeMs: 1_000 })),
  );
  expect(deleteCookie(SESSION_COOKIE)).toContain('Max-Age=0');
});
