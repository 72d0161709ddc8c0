import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRelayUid, relayUid } from '../../../src/api/agora-uids.ts';

test('the relay of a slot always has the same uid, in a range that apps do not use', () => {
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

test('the uid does not change between versions: a successor must replace its predecessor', () => {
  expect(relayUid('6b0c2f86-6c1c-4d4c-8d3e-0a8c5a2f9d11', 0)).toBe(4_049_477_966);
});

test('a relay is recognized by its uid, and a user is not', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(1), (channelUid, slot) => {
      expect(isRelayUid(relayUid(channelUid, slot))).toBe(true);
    }),
  );
  expect([0, 1, 3_999_999_999, 4_200_000_000, 4_294_967_295].filter(isRelayUid)).toEqual([]);
});
