import { expect, test } from '@jest/globals';
import { isTokenOutdated, renewalTime, tokenFor } from '../../../../src/channel/pod/agora-token.ts';
import { aPassedToken, aSecret, credentials, later, now } from '../../../support/channel/channel-examples.ts';

test('a token is renewed at half of its lifetime', () => {
  expect(renewalTime({ tokenIssuedAt: later(0), tokenExpiresAt: later(7_200) }, credentials)).toEqual(
    later(3_600),
  );
});

test('a token that the app passed is replaced only by another one of the app', () => {
  const subject = { channelName: 'show', uid: 7 };
  const passed = { ...credentials, token: aPassedToken() };
  const secret = aSecret({ tokenFor: tokenFor(passed, subject) });
  expect(renewalTime(secret, passed)).toBeUndefined();
  expect(isTokenOutdated(secret, passed, subject, later(86_400))).toBe(false);
  expect(isTokenOutdated(secret, { ...passed, digest: 'other' }, subject, now)).toBe(true);
});

test('a Secret without a token is complete for a project that has no certificate', () => {
  const subject = { channelName: 'show', uid: 7 };
  const without = { ...credentials, digest: 'none', token: { from: 'none' } } as const;
  const secret = aSecret({ tokenFor: tokenFor(without, subject), tokenExpiresAt: undefined });
  expect(isTokenOutdated(secret, without, subject, later(86_400))).toBe(false);
  const withCertificate = { ...without, token: { from: 'certificate' } } as const;
  expect(isTokenOutdated(secret, withCertificate, subject, now)).toBe(true);
});

test('a token has a digest of its credentials and its subject', () => {
  const subject = { channelName: 'show', uid: 7 };
  const all = [
    tokenFor(credentials, subject),
    tokenFor({ ...credentials, digest: 'other' }, subject),
    tokenFor(credentials, { ...subject, channelName: 'other' }),
    tokenFor(credentials, { ...subject, uid: 8 }),
  ];
  expect(new Set(all).size).toBe(4);
});
