import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSameOwner, ownerOf, ownerTagNames, ownerTags } from '../../../src/platforms/owner-tags.ts';

const owner = { clusterId: 'c', platform: 'p', channelUid: 'u', channel: 'shop/auction' };

test('tags keep their names in all versions, because streams would lose their owner', () => {
  expect(ownerTags(owner)).toEqual({
    'livechannel.dev/cluster': 'c',
    'livechannel.dev/platform': 'p',
    'livechannel.dev/channel-uid': 'u',
    'livechannel.dev/channel': 'shop/auction',
  });
});

test('an owner is read back as it was written, beside any other tags', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.string(),
      fc.string(),
      (clusterId, platform, channelUid, channel) => {
        const written = { clusterId, platform, channelUid, channel };
        expect(ownerOf({ team: 'video', ...ownerTags(written) })).toEqual(written);
      },
    ),
  );
});

test('without the tag of the cluster or of the channel there is no owner', () => {
  for (const missing of [ownerTagNames.clusterId, ownerTagNames.channelUid])
    expect(ownerOf({ ...ownerTags(owner), [missing]: undefined })).toBeUndefined();
  expect(ownerOf({})).toBeUndefined();
});

test('a stream from before there were several platforms still has its channel as owner', () => {
  expect(ownerOf({ ...ownerTags(owner), [ownerTagNames.platform]: undefined })).toEqual({
    ...owner,
    platform: '',
  });
});

describe('it is the same owner', () => {
  test.each([
    ['with all tags', owner, true],
    ["with another name: a channel's name is reused", { ...owner, channel: 'shop/another' }, true],
    ['not in another cluster', { ...owner, clusterId: 'c2' }, false],
    ['not for another channel', { ...owner, channelUid: 'u2' }, false],
    ['not on another StreamingPlatform', { ...owner, platform: 'p2' }, false],
    ['not without tags', undefined, false],
  ])('%s', (_what, tagged, expected) => {
    expect(isSameOwner(tagged, owner)).toBe(expected);
  });
});
