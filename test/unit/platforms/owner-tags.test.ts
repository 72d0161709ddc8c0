import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ownerOf, ownerTagNames, ownerTags } from '../../../src/platforms/owner-tags.ts';

const owner = { clusterId: 'c', platform: 'p', channelUid: 'u', channel: 'shop/auction' };

test('the tags are never renamed between versions, or streams would be nobody’s', () => {
  expect(ownerTags(owner)).toEqual({
    'livechannel.dev/cluster': 'c',
    'livechannel.dev/platform': 'p',
    'livechannel.dev/channel-uid': 'u',
    'livechannel.dev/channel': 'shop/auction',
  });
});

test('an owner is read back as it was written, whatever other tags there are', () => {
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

test('without the tag of the cluster or of the channel it is nobody’s', () => {
  for (const missing of [ownerTagNames.clusterId, ownerTagNames.channelUid])
    expect(ownerOf({ ...ownerTags(owner), [missing]: undefined })).toBeUndefined();
  expect(ownerOf({})).toBeUndefined();
});

test('a stream of before there were several platforms is still its channel’s', () => {
  expect(ownerOf({ ...ownerTags(owner), [ownerTagNames.platform]: undefined })).toEqual({
    ...owner,
    platform: '',
  });
});
