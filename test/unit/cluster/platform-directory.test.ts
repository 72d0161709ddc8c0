import { describe, expect, test } from '@jest/globals';
import type { StreamingPlatform } from '../../../src/api/streaming-platform.ts';
import { PlatformDirectory, type OpenPlatform } from '../../../src/cluster/platform-directory.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { aChannel, aRecord } from '../../support/channel/channel-examples.ts';
import {
  aSecretObject,
  aStream,
  aStreamingPlatform,
  never,
  OneSecret,
} from '../../support/platforms/platform-examples.ts';

function directoryOf(platforms: StreamingPlatform[], secret = new OneSecret()): PlatformDirectory {
  const get = ({ name }: { name: string }): StreamingPlatform | undefined =>
    platforms.find(({ metadata }) => metadata.name === name);
  const { clock, reader } = secret;
  const context = { clusterId: 'cluster', clock, rateLimits: new RateLimits(clock) };
  return new PlatformDirectory({ get, list: () => platforms }, reader, context);
}

describe('the platform of a channel', () => {
  const [one, two] = [aStreamingPlatform('one', { isDefault: true }), aStreamingPlatform('two')];
  const on = (platform: string, difference = {}) => [aRecord({ platform, ...difference })];
  const fresh = aChannel({ records: [] });
  const asking = (name: string): ReturnType<typeof aChannel> =>
    aChannel({ spec: { platformRef: { name } }, records: on('one') });
  const onTwo = aChannel({ records: on('two') });

  test.each<[string, ReturnType<typeof aChannel>, StreamingPlatform[], string]>([
    ['the one that it names, wherever its stream is', asking('two'), [one, two], 'two'],
    ['the default', fresh, [one, two], 'one'],
    ['the one that has its stream, whatever the default is by now', onTwo, [one, two], 'two'],
    [
      'the one that it is away from, while it is on a fallback platform',
      aChannel({ records: on('one', { insteadOf: 'two' }) }),
      [one, two],
      'two',
    ],
  ])('is %s', (_, channel, platforms, name) => {
    expect(directoryOf(platforms).home(channel)).toMatchObject({ ok: true, value: { metadata: { name } } });
  });

  test.each<[string, ReturnType<typeof aChannel>, StreamingPlatform[], string, RegExp]>([
    [
      'named and not there',
      asking('three'),
      [two, one],
      'PlatformNotFound',
      /three \(spec.platformRef\).*one, two/,
    ],
    [
      'that has its stream is gone: another default is no reason to move',
      onTwo,
      [one],
      'PlatformNotFound',
      /two/,
    ],
    ['not named, and there is no default', fresh, [two], 'NoDefaultPlatform', /There are: two/],
    ['not named, and there is none at all', fresh, [], 'NoDefaultPlatform', /There are: none/],
    [
      'not named, and there are two defaults',
      fresh,
      [aStreamingPlatform('b', { isDefault: true }), aStreamingPlatform('a', { isDefault: true })],
      'MultipleDefaultPlatforms',
      /a, b/,
    ],
  ])('is a problem when it is %s', (_, channel, platforms, reason, message) => {
    const chosen = directoryOf(platforms).home(channel);
    if (chosen.ok) throw new Error('chosen');
    expect(chosen.problem.reason).toBe(reason);
    expect(chosen.problem.message).toMatch(message);
  });
});

describe('opening', () => {
  const secret = (): OneSecret => new OneSecret(aSecretObject({ token: 'a-token-of-16-characters' }));

  test('gives the same driver until the resource or its Secret changes', async () => {
    const its = secret();
    const directory = directoryOf([], its);
    const driverOf = async (platform: StreamingPlatform): Promise<unknown> => {
      const opened = await directory.openResource(platform, never);
      if (!opened.ok) throw new Error(opened.problem.message);
      return opened.value.driver;
    };
    const first = await driverOf(aStreamingPlatform('one'));
    expect(await driverOf(aStreamingPlatform('one'))).toBe(first);
    const changed = aStreamingPlatform('one', { metadata: { generation: 2 } });
    const second = await driverOf(changed);
    expect(second).not.toBe(first);
    its.secret = aSecretObject({ token: 'another-token-of-this' }, '2');
    await its.clock.advance(5_000);
    expect(await driverOf(changed)).not.toBe(second);
  });

  test.each<[string, OneSecret, object, string, RegExp]>([
    [
      'no Secret',
      new OneSecret(),
      {},
      'CredentialsNotFound',
      /Secret shop\/agora .*StreamingPlatform one\) does not/,
    ],
    [
      'no token in it',
      new OneSecret(aSecretObject({})),
      {},
      'CredentialsNotFound',
      /StreamingPlatform one: .*token/,
    ],
    [
      'another provider’s credentials in it',
      secret(),
      { provider: 'ivs', origin: undefined, ivs: { region: 'eu-central-1' } },
      'CredentialsNotFound',
      /StreamingPlatform one: .*accessKeyId.*Keys in the Secret: token/,
    ],
  ])('says what is wrong: %s', async (_, its, spec, reason, message) => {
    const opened = await directoryOf([], its).openResource(aStreamingPlatform('one', { spec }), never);
    if (opened.ok) throw new Error('opened');
    expect(opened.problem.reason).toBe(reason);
    expect(opened.problem.message).toMatch(message);
  });
});

test('a platform is found by its name, or named as missing', async () => {
  const secret = new OneSecret(aSecretObject({ token: 'a-token-of-16-characters' }));
  const directory = directoryOf([aStreamingPlatform('one')], secret);
  expect(await directory.open('one', never)).toMatchObject({ ok: true, value: { name: 'one' } });
  expect(await directory.open('two', never)).toMatchObject({
    ok: false,
    problem: { reason: 'PlatformNotFound' },
  });
});

test('what a platform listed is remembered until it goes', () => {
  const directory = directoryOf([]);
  const listing = { at: new Date(), streams: new Map([['s-1', aStream('s-1')]]) };
  directory.noteListing('one', listing);
  expect(directory.listing('one')).toBe(listing);
  expect(directory.listing('two')).toBeUndefined();
  directory.forget('one');
  expect(directory.listing('one')).toBeUndefined();
});

describe('a right that is missing', () => {
  const denied = { reason: 'PermissionDenied', message: 'ivs:CreateChannel is not allowed.' } as const;
  async function refused(): Promise<{ directory: PlatformDirectory; one: OpenPlatform; secret: OneSecret }> {
    const secret = new OneSecret(aSecretObject({ token: 'a-token-of-16-characters' }));
    const directory = directoryOf([aStreamingPlatform('one')], secret);
    const opened = await directory.open('one', never);
    if (!opened.ok) throw new Error(opened.problem.message);
    directory.noteRefusal(opened.value, denied);
    return { directory, one: opened.value, secret };
  }

  test('is told until a call of that kind succeeds', async () => {
    const { directory, one } = await refused();
    expect(directory.refusal(one)).toEqual(denied);
    directory.noteSuccess(one);
    expect(directory.refusal(one)).toBeUndefined();
  });

  test('or other credentials come', async () => {
    const { directory, secret } = await refused();
    secret.secret = aSecretObject({ token: 'another-token-of-this' }, '2');
    await secret.clock.advance(5_000);
    const opened = await directory.open('one', never);
    expect(opened.ok && directory.refusal(opened.value)).toBeUndefined();
  });

  test('or nobody tried for five minutes', async () => {
    const { directory, one, secret } = await refused();
    await secret.clock.advance(299_000);
    expect(directory.refusal(one)).toEqual(denied);
    await secret.clock.advance(1_000);
    expect(directory.refusal(one)).toBeUndefined();
  });

  test('or the platform goes', async () => {
    const { directory, one } = await refused();
    directory.forget('one');
    expect(directory.refusal(one)).toBeUndefined();
  });
});
