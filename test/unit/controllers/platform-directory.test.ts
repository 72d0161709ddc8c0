import { describe, expect, test } from '@jest/globals';
import { annotations, API_VERSION } from '../../../src/api/names.ts';
import { streamingPlatformSchema, type StreamingPlatform } from '../../../src/api/streaming-platform.ts';
import { PlatformDirectory } from '../../../src/controllers/platform-directory.ts';
import { aChannel } from '../channel/examples.ts';
import { aSecretObject, never, OneSecret } from './examples.ts';

function aPlatform(name: string, { isDefault = false, generation = 1, spec = {} } = {}): StreamingPlatform {
  return streamingPlatformSchema.parse({
    apiVersion: API_VERSION,
    kind: 'StreamingPlatform',
    metadata: {
      name,
      uid: `uid-of-${name}`,
      generation,
      annotations: isDefault ? { [annotations.defaultPlatform]: 'true' } : {},
    },
    spec: {
      provider: 'origin',
      credentialsRef: { namespace: 'shop', name: 'agora' },
      origin: { controlUrl: 'http://origin:8081' },
      ...spec,
    },
  });
}

function directoryOf(platforms: StreamingPlatform[], secret = new OneSecret()): PlatformDirectory {
  const get = ({ name }: { name: string }): StreamingPlatform | undefined =>
    platforms.find(({ metadata }) => metadata.name === name);
  return new PlatformDirectory({ get, list: () => platforms }, secret.reader, 'cluster');
}

describe('the platform of a channel', () => {
  const [one, two] = [aPlatform('one', { isDefault: true }), aPlatform('two')];
  const fresh = aChannel({ record: undefined });
  const asking = (name: string): ReturnType<typeof aChannel> =>
    aChannel({ spec: { platformRef: { name } }, record: { platform: 'one', streamId: 's-1' } });
  const onTwo = aChannel({ record: { platform: 'two', streamId: 's-1' } });

  test.each<[string, ReturnType<typeof aChannel>, StreamingPlatform[], string]>([
    ['the one that it names, wherever its stream is', asking('two'), [one, two], 'two'],
    ['the default', fresh, [one, two], 'one'],
    ['the one that has its stream, whatever the default is by now', onTwo, [one, two], 'two'],
  ])('is %s', (_, channel, platforms, name) => {
    expect(directoryOf(platforms).choose(channel)).toMatchObject({ ok: true, value: { metadata: { name } } });
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
      [aPlatform('b', { isDefault: true }), aPlatform('a', { isDefault: true })],
      'SeveralDefaultPlatforms',
      /a, b/,
    ],
  ])('is a problem when it is %s', (_, channel, platforms, reason, message) => {
    const chosen = directoryOf(platforms).choose(channel);
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
    const first = await driverOf(aPlatform('one'));
    expect(await driverOf(aPlatform('one'))).toBe(first);
    const second = await driverOf(aPlatform('one', { generation: 2 }));
    expect(second).not.toBe(first);
    its.secret = aSecretObject({ token: 'another-token-of-this' }, '2');
    await its.clock.advance(5_000);
    expect(await driverOf(aPlatform('one', { generation: 2 }))).not.toBe(second);
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
      'no driver',
      secret(),
      { provider: 'mux', origin: undefined, mux: {} },
      'ProviderNotSupported',
      /StreamingPlatform one: .*mux/,
    ],
  ])('says what is wrong: %s', async (_, its, spec, reason, message) => {
    const opened = await directoryOf([], its).openResource(aPlatform('one', { spec }), never);
    if (opened.ok) throw new Error('opened');
    expect(opened.problem.reason).toBe(reason);
    expect(opened.problem.message).toMatch(message);
  });
});
