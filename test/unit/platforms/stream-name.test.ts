import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { originStreamIdSchema } from '../../../src/api/origin-contract.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';

test('the name of a stream never changes between versions, or streams would be lost', () => {
  expect(streamName({ clusterId: 'c', channelUid: 'u' })).toBe('lc-b9df20761da0348d4d284b0b2e276265');
});

test('is a DNS label for any owner', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (clusterId, channelUid) => {
      expect(originStreamIdSchema.safeParse(streamName({ clusterId, channelUid })).success).toBe(true);
    }),
  );
});

test('differs for different owners, also where their parts run together', () => {
  const names = [
    ['ab', 'c'],
    ['a', 'bc'],
    ['a/b', 'c'],
    ['a', 'b/c'],
    ['', 'abc'],
  ].map(([clusterId = '', channelUid = '']) => streamName({ clusterId, channelUid }));
  expect(new Set(names).size).toBe(names.length);
});
