import { expect, test } from '@jest/globals';
import { renewalTime, tokenFor } from '../../../../src/channel/pod/agora-token.ts';
import { credentials, later } from '../../../support/channel/channel-examples.ts';

test('a token is renewed at half of its lifetime', () => {
  expect(renewalTime({ tokenIssuedAt: later(0), tokenExpiresAt: later(7_200) })).toEqual(later(3_600));
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
