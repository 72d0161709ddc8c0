import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { originStreamIdSchema } from '../../../src/api/origin-contract.ts';
import type { PlaybackOptions } from '../../../src/platforms/platform.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';

const usual: PlaybackOptions = { latency: 'standard', access: 'public', recording: 'off' };
const owner = { clusterId: 'c', channelUid: 'u', platform: 'p' };

test('names of streams are the same in all versions, because streams would be lost', () => {
  expect(streamName(owner, usual)).toBe('lc-0da5de83bc235337f93de7d88d358abf');
});

test('is a DNS label for any owner', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (clusterId, channelUid, platform) => {
      const name = streamName({ clusterId, channelUid, platform }, usual);
      expect(originStreamIdSchema.safeParse(name).success).toBe(true);
    }),
  );
});

test('differs for different owners, also if their concatenated parts are equal', () => {
  const names = [
    ['ab', 'c', 'd'],
    ['a', 'bc', 'd'],
    ['a', 'b', 'cd'],
    ['a/b', 'c', 'd'],
    ['', 'abc', 'd'],
  ].map(([clusterId = '', channelUid = '', platform = '']) =>
    streamName({ clusterId, channelUid, platform }, usual),
  );
  expect(new Set(names).size).toBe(names.length);
});

test('differs with each option, because another option requires another stream', () => {
  const options: PlaybackOptions[] = [
    usual,
    { ...usual, latency: 'low' },
    { ...usual, access: 'signed' },
    { ...usual, recording: 'automatic' },
  ];
  expect(new Set(options.map((one) => streamName(owner, one))).size).toBe(options.length);
});
