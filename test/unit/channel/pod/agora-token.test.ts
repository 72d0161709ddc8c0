import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { relayUid, renewalTime, tokenFor } from '../../../../src/channel/pod/agora-token.ts';
import { credentials, later } from '../../../support/channel/channel-examples.ts';

test('a token is renewed at half of its life', () => {
  expect(renewalTime({ tokenIssuedAt: later(0), tokenExpiresAt: later(7_200) })).toEqual(later(3_600));
});

test('the relay of a slot has the same uid for ever, in a range that apps do not use', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(1), (channelUid, slot) => {
      const uid = relayUid(channelUid, slot);
      expect(relayUid(channelUid, slot)).toBe(uid);
      expect(uid).toBeGreaterThanOrEqual(4_000_000_000);
      expect(uid).toBeLessThan(4_200_000_000);
      expect(Number.isInteger(uid)).toBe(true);
      expect(relayUid(channelUid, 1 - slot)).not.toBe(uid);
    }),
  );
});

test('the uid does not change from version to version: a successor must take the place of its predecessor', () => {
  expect(relayUid('6b0c2f86-6c1c-4d4c-8d3e-0a8c5a2f9d11', 0)).toBe(4_049_477_966);
});

test('a token says what it was made from and for', () => {
  const subject = { channelName: 'show', uid: 7 };
  const all = [
    tokenFor(credentials, subject),
    tokenFor({ ...credentials, digest: 'other' }, subject),
    tokenFor(credentials, { ...subject, channelName: 'other' }),
    tokenFor(credentials, { ...subject, uid: 8 }),
  ];
  expect(new Set(all).size).toBe(4);
});
