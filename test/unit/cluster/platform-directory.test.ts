import { describe, expect, test } from '@jest/globals';
import type { StreamingPlatform } from '../../../src/api/streaming-platform.ts';
import { PlatformDirectory, type OpenPlatform } from '../../../src/cluster/platform-directory.ts';
import type { ObservedStream } from '../../../src/platforms/platform.ts';
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
  const channelWithPlatformRef = (name: string): ReturnType<typeof aChannel> =>
    aChannel({ spec: { platformRef: { name } }, records: on('one') });
  const onTwo = aChannel({ records: on('two') });

  test.each<[string, ReturnType<typeof aChannel>, StreamingPlatform[], string]>([
    ['the one in spec.platformRef, wherever its stream is', channelWithPlatformRef('two'), [one, two], 'two'],
    ['the default', fresh, [one, two], 'one'],
    ['the one that has its stream, whatever the default is now', onTwo, [one, two], 'two'],
    [
      'the home platform, while the channel is on a fallback platform',
      aChannel({ records: on('one', { insteadOf: 'two' }) }),
      [one, two],
      'two',
    ],
  ])('is %s', (_, channel, platforms, name) => {
    expect(directoryOf(platforms).home(channel)).toMatchObject({ ok: true, value: { metadata: { name } } });
  });

  test.each<[string, ReturnType<typeof aChannel>, StreamingPlatform[], string, RegExp]>([
    [
      'in spec.platformRef and does not exist',
      channelWithPlatformRef('three'),
      [two, one],
      'PlatformNotFound',
      /three \(spec.platformRef\).*one, two/,
    ],
    [
      'the one of its stream and is gone, because another default is no reason to migrate',
      onTwo,
      [one],
      'PlatformNotFound',
      /two/,
    ],
    ['not set, and there is no default', fresh, [two], 'NoDefaultPlatform', /There are: two/],
    ['not set, and there are no platforms', fresh, [], 'NoDefaultPlatform', /There are: none/],
    [
      'not set, and there are two defaults',
      fresh,
      [aStreamingPlatform('b', { isDefault: true }), aStreamingPlatform('a', { isDefault: true })],
      'MultipleDefaultPlatforms',
      /a, b/,
    ],
  ])('is a problem if it is %s', (_, channel, platforms, reason, message) => {
    const chosen = directoryOf(platforms).home(channel);
    if (chosen.ok) throw new Error('chosen');
    expect(chosen.problem.reason).toBe(reason);
    expect(chosen.problem.message).toMatch(message);
  });
});

describe('opening a platform', () => {
  const secret = (): OneSecret => new OneSecret(aSecretObject({ token: 'a-token-of-16-characters' }));

  test('returns the same driver until the resource or its Secret changes', async () => {
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
      'the Secret does not exist',
      new OneSecret(),
      {},
      'CredentialsNotFound',
      /Secret shop\/agora .*StreamingPlatform one\) does not/,
    ],
    [
      'the Secret has no token',
      new OneSecret(aSecretObject({})),
      {},
      'CredentialsNotFound',
      /StreamingPlatform one: .*token/,
    ],
    [
      'the Secret has the credentials of another provider',
      secret(),
      { provider: 'ivs', origin: undefined, ivs: { region: 'eu-central-1' } },
      'CredentialsNotFound',
      /StreamingPlatform one: .*accessKeyId.*Keys in the Secret: token/,
    ],
  ])('reports the problem: %s', async (_, its, spec, reason, message) => {
    const opened = await directoryOf([], its).openResource(aStreamingPlatform('one', { spec }), never);
    if (opened.ok) throw new Error('opened');
    expect(opened.problem.reason).toBe(reason);
    expect(opened.problem.message).toMatch(message);
  });
});

test('a platform is found by its name, or reported as missing', async () => {
  const secret = new OneSecret(aSecretObject({ token: 'a-token-of-16-characters' }));
  const directory = directoryOf([aStreamingPlatform('one')], secret);
  expect(await directory.open('one', never)).toMatchObject({ ok: true, value: { name: 'one' } });
  expect(await directory.open('two', never)).toMatchObject({
    ok: false,
    problem: { reason: 'PlatformNotFound' },
  });
});

test('the listed streams of a platform are cached until it is deleted', () => {
  const directory = directoryOf([]);
  const listing = { at: new Date(), streams: new Map([['s-1', aStream('s-1')]]) };
  directory.noteListing('one', listing);
  expect(directory.listing('one')).toBe(listing);
  expect(directory.listing('two')).toBeUndefined();
  directory.forget('one');
  expect(directory.listing('one')).toBeUndefined();
});

describe('the first listing of a platform', () => {
  /** A platform that lists this stream, or fails, when it is let. */
  function asked(): { platform: OpenPlatform; calls: () => number; answer: (error?: Error) => void } {
    let calls = 0;
    const { promise, resolve, reject } = Promise.withResolvers<readonly ObservedStream[]>();
    const listStreams = (): Promise<readonly ObservedStream[]> => {
      calls += 1;
      return promise;
    };
    const platform = { name: 'one', driver: { listStreams } } as unknown as OpenPlatform;
    const answer = (error?: Error): void => {
      if (error === undefined) resolve([aStream('s-1')]);
      else reject(error);
    };
    return { platform, calls: () => calls, answer };
  }

  test('is asked for once, however many channels need it, and then cached', async () => {
    const directory = directoryOf([]);
    const { platform, calls, answer } = asked();
    const all = [1, 2, 3].map(() => directory.firstListing(platform, never));
    answer();
    for (const { streams } of await Promise.all(all)) expect([...streams.keys()]).toEqual(['s-1']);
    expect(calls()).toBe(1);
    expect((await directory.firstListing(platform, never)).streams.size).toBe(1);
    expect(calls()).toBe(1);
    expect(directory.listing('one')?.streams.size).toBe(1);
  });

  test('is asked for again after it failed', async () => {
    const directory = directoryOf([]);
    const failing = asked();
    const first = directory.firstListing(failing.platform, never);
    failing.answer(new Error('out'));
    await expect(first).rejects.toThrow('out');
    const { platform, answer } = asked();
    answer();
    expect((await directory.firstListing(platform, never)).streams.size).toBe(1);
  });

  test('is not waited for once the caller gives up', async () => {
    const stop = new AbortController();
    const waiting = directoryOf([]).firstListing(asked().platform, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ reason: 'PlatformUnavailable', retryable: true });
  });
});

describe('a missing permission', () => {
  const denied = { reason: 'PermissionDenied', message: 'ivs:CreateChannel is not allowed.' } as const;
  async function refused(): Promise<{ directory: PlatformDirectory; one: OpenPlatform; secret: OneSecret }> {
    const secret = new OneSecret(aSecretObject({ token: 'a-token-of-16-characters' }));
    const directory = directoryOf([aStreamingPlatform('one')], secret);
    const opened = await directory.open('one', never);
    if (!opened.ok) throw new Error(opened.problem.message);
    directory.noteRefusal(opened.value, denied);
    return { directory, one: opened.value, secret };
  }

  test('is reported until a call of that kind succeeds', async () => {
    const { directory, one } = await refused();
    expect(directory.refusal(one)).toEqual(denied);
    directory.noteSuccess(one);
    expect(directory.refusal(one)).toBeUndefined();
  });

  test('is reported until the credentials change', async () => {
    const { directory, secret } = await refused();
    secret.secret = aSecretObject({ token: 'another-token-of-this' }, '2');
    await secret.clock.advance(5_000);
    const opened = await directory.open('one', never);
    expect(opened.ok && directory.refusal(opened.value)).toBeUndefined();
  });

  test('is reported until there was no such call for five minutes', async () => {
    const { directory, one, secret } = await refused();
    await secret.clock.advance(299_000);
    expect(directory.refusal(one)).toEqual(denied);
    await secret.clock.advance(1_000);
    expect(directory.refusal(one)).toBeUndefined();
  });

  test('is reported until the platform is deleted', async () => {
    const { directory, one } = await refused();
    directory.forget('one');
    expect(directory.refusal(one)).toBeUndefined();
  });
});

describe('a host of playback', () => {
  const spec = { provider: 'origin', origin: { controlUrl: 'http://livechannel-origin.system:8081' } };
  const open = (name: string): OpenPlatform => {
    const resource = aStreamingPlatform(name);
    return {
      name,
      resource: { ...resource, spec: { ...resource.spec, ...spec } },
      driver: {},
    } as OpenPlatform;
  };
  const knows = (directory: PlatformDirectory, url: string, name = 'one'): boolean =>
    directory.isPlaybackHost(open(name), new URL(url));

  test('is known to be private if the platform returned it, for that platform alone', () => {
    const directory = directoryOf([]);
    expect(knows(directory, 'http://10.0.0.7:30080/hls/1/index.m3u8')).toBe(false);
    directory.notePlayback('one', 'http://10.0.0.7:30080/hls/2/index.m3u8');
    expect(knows(directory, 'http://10.0.0.7:30080/hls/1/index.m3u8')).toBe(true);
    expect(knows(directory, 'http://10.0.0.7:8081/control')).toBe(false);
    expect(knows(directory, 'http://10.0.0.7:30080/', 'two')).toBe(false);
    directory.forget('one');
    expect(knows(directory, 'http://10.0.0.7:30080/')).toBe(false);
  });

  test('is known if the StreamingPlatform names it, and few others are remembered', () => {
    const directory = directoryOf([]);
    expect(knows(directory, 'http://livechannel-origin.system:8080/hls/1/index.m3u8')).toBe(true);
    directory.notePlayback('one', 'no URL');
    for (let n = 0; n < 100; n += 1) directory.notePlayback('one', `http://10.0.0.${String(n)}/`);
    expect([knows(directory, 'http://10.0.0.0/'), knows(directory, 'http://10.0.0.99/')]).toEqual([
      false,
      true,
    ]);
  });
});
