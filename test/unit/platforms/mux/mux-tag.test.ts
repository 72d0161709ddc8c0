import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { disowned, passthroughOf, tagOf, type MuxTag } from '../../../../src/platforms/mux/mux-tag.ts';
import { streamName } from '../../../../src/platforms/stream-name.ts';

const owner = {
  clusterId: '1d4cb5d3-4bd0-4a31-9f1e-5c1f3a0c9d11',
  platform: 'mux',
  channelUid: '7b0fbb2c-96a3-4b25-8a55-0e3a6a0f3c58',
  channel: 'shop/auction',
};
const playback = { latency: 'standard', access: 'public', recording: 'off' } as const;
const tag: MuxTag = { owner, name: streamName(owner, playback), recording: 'off' };
const written = passthroughOf(tag);

const label = (maxLength: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[a-z0-9]([a-z0-9.-]{0,${String(maxLength - 2)}}[a-z0-9])?$`));

describe('the tag of an owned live stream', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.uuid(),
        label(30),
        label(40),
        fc.constantFrom('off' as const, 'automatic' as const),
        (clusterId, channelUid, platform, channel, recording) => {
          const one = {
            owner: { clusterId, channelUid, platform, channel: `shop/${channel}` },
            name: tag.name,
            recording,
          };
          expect(tagOf(passthroughOf(one))).toEqual(one);
        },
      ),
    );
  });

  test('always fits into the 255 characters that Mux allows: only the channel is truncated', () => {
    const long = { ...owner, platform: 'p'.repeat(63), channel: `${'n'.repeat(63)}/${'c'.repeat(63)}` };
    const text = passthroughOf({ ...tag, owner: long, recording: 'automatic' });
    expect(text).toHaveLength(255);
    const read = tagOf(text);
    expect(read).toMatchObject({
      owner: { clusterId: owner.clusterId, channelUid: owner.channelUid, platform: long.platform },
      name: tag.name,
      recording: 'automatic',
    });
    expect(read?.owner.channel.endsWith('~')).toBe(true);
    expect(long.channel.startsWith(read?.owner.channel.slice(0, -1) ?? 'x')).toBe(true);
  });

  test('is rejected before the stream is created if it could not be read back', () => {
    for (const clusterId of ['two words', '', 'tilde~', 'c'.repeat(240)])
      expect(() => passthroughOf({ ...tag, owner: { ...owner, clusterId } })).toThrow(
        expect.objectContaining({ reason: 'InvalidConfiguration', retryable: false }),
      );
  });

  test('is never recognized in values of others', () => {
    const others = [
      undefined,
      '',
      'user-42',
      '{"clusterId":"c"}',
      'livechannel/1',
      `x${written}`,
      ` ${written}`,
      `${written} more`,
      `${written}\n`,
      written.replace('livechannel/1', 'livechannel/2'),
      written.replace(' off ', ' sometimes '),
      written.replace(' off ', ' '),
      written.toUpperCase(),
    ];
    for (const other of others) expect(tagOf(other)).toBeUndefined();
  });

  test('is removed when the stream is retained, and its origin stays readable', () => {
    const kept = disowned(written);
    expect(tagOf(kept)).toBeUndefined();
    expect(kept).toContain('shop/auction');
    expect(disowned(passthroughOf({ ...tag, owner: { ...owner, channel: 'c'.repeat(200) } }))).toHaveLength(
      255,
    );
  });
});
