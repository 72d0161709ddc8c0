import { expect, test } from '@jest/globals';
import { ChannelOwners } from '../../../../src/platforms/ivs/channel-owners.ts';
import { ownerTagNames } from '../../../../src/platforms/owner-tags.ts';

const channel = (arn: string, clusterId?: string) => ({
  arn,
  name: 'x',
  tags:
    clusterId === undefined ? {} : { [ownerTagNames.clusterId]: clusterId, [ownerTagNames.channelUid]: 'u' },
});

test('known channels need not be requested again, whether owned or not', () => {
  const owners = new ChannelOwners('c');
  owners.saw(channel('ours', 'c'));
  owners.saw(channel('theirs', 'd'));
  owners.saw(channel('nobodys'));
  expect(owners.unknownAmong(['ours', 'theirs', 'nobodys', 'new'])).toEqual(['new']);
  expect(['ours', 'theirs', 'nobodys', 'new'].filter((arn) => owners.isOurs({ arn }))).toEqual(['ours']);
});

test('foreign channels that are no longer live are forgotten, owned ones are not', () => {
  const owners = new ChannelOwners('c');
  owners.saw(channel('ours', 'c'));
  owners.saw(channel('theirs', 'd'));
  owners.unknownAmong([]);
  expect(owners.unknownAmong(['ours', 'theirs'])).toEqual(['theirs']);
});

test('a deleted or disowned channel is not owned', () => {
  const owners = new ChannelOwners('c');
  owners.saw(channel('a', 'c'));
  owners.forget('a');
  expect(owners.isOurs({ arn: 'a' })).toBe(false);
  owners.saw(channel('a', 'c'));
  owners.saw(channel('a'));
  expect(owners.isOurs({ arn: 'a' })).toBe(false);
});
