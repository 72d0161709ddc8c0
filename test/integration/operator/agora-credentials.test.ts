import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { agoraTokenSecretLabels, agoraTokenSecretName } from '../../../src/api/agora-token-secret.ts';
import { relayConfigSchema, type RelayConfig } from '../../../src/api/relay-contract.ts';
import { systemClock, type Clock } from '../../../src/base/clock.ts';
import { secretType, type Secret } from '../../../src/kube/core-types.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import { live } from '../../support/operator/fake-kubelet.ts';
import { agoraApp, OperatorStage, readyOf, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';

/** The system clock, which a test can advance. */
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + ahead) };

let stage: OperatorStage;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  stage.startOperator({}, { clock });
}, 300_000);
afterAll(() => stage[Symbol.asyncDispose]());

const { appId } = agoraApp;
const mint = (difference: { channel?: string; uid?: number; seconds?: number } = {}): string => {
  const { channel = 'show', uid = 0, seconds = 3_600 } = difference;
  return mintToken(agoraApp, { channel, uid, role: 'audience', lifetimeSeconds: seconds });
};
const text = (secret: Secret | undefined, key: string): string | undefined => {
  const encoded = secret?.data?.[key];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
};
const configIn = (secret: Secret | undefined): RelayConfig =>
  relayConfigSchema.parse(JSON.parse(text(secret, 'relay.json') ?? ''));

/** As the service stores it. */
async function store({ namespace, name }: Ref, token: string): Promise<void> {
  await stage.client.apply(secretType, {
    metadata: { namespace, name: agoraTokenSecretName(name), labels: agoraTokenSecretLabels(name) },
    type: 'Opaque',
    data: { token: Buffer.from(token).toString('base64') },
  });
}
const withToken = {
  agora: { credentialsRef: { name: 'agora' }, tokenRef: { name: 'show-agora-token' } },
};

describe('the Secret of credentialsRef', () => {
  test('with the app ID alone: the relay joins without a token', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await stage.putSecret({ ...ref, name: 'open' }, { appId });
    await stage.apply(ref, { agora: { credentialsRef: { name: 'open' } } });
    await stage.onAir(ref);
    const secret = await stage.secret(ref);
    expect(text(secret, 'agora-token')).toBeUndefined();
    expect(configIn(secret).agora).toMatchObject({ appId, channelName: 'show' });
    expect(configIn(secret).agora.tokenFile).toBeUndefined();
  }, 60_000);

  test('with a certificate later: the relay gets a token', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await stage.putSecret({ ...ref, name: 'mine' }, { appId });
    await stage.apply(ref, { agora: { credentialsRef: { name: 'mine' } } });
    await stage.onAir(ref);
    await stage.putSecret({ ...ref, name: 'mine' }, agoraApp);
    await eventually('the relay has a token', 30, async () => text(await stage.secret(ref), 'agora-token'));
    await stage.onAir(ref);
  }, 90_000);

  test('with a token: it is the relay’s, and is shown nowhere else', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    const token = mint({ uid: 77 });
    await stage.putSecret({ ...ref, name: 'mine' }, { appId, token });
    await stage.apply(ref, { agora: { credentialsRef: { name: 'mine' } } });
    const channel = await stage.onAir(ref);
    const secret = await stage.secret(ref);
    expect(text(secret, 'agora-token')).toBe(token);
    expect(configIn(secret).agora.uid).toBe(77);
    const shown = [channel, await stage.pod(ref), { ...secret, data: {} }, await stage.events(ref)];
    expect(JSON.stringify(shown) + stage.log).not.toContain(token);
  }, 60_000);

  test('with a certificate and a token is refused until one of them is removed', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await stage.putSecret({ ...ref, name: 'mine' }, { ...agoraApp, token: mint() });
    await stage.apply(ref, { agora: { credentialsRef: { name: 'mine' } } });
    const channel = await stage.notReady(ref, 'CredentialsRejected');
    expect(readyOf(channel)?.message).toMatch(/has both appCertificate and token/);
    expect(await stage.pod(ref)).toBeUndefined();
    await stage.putSecret({ ...ref, name: 'mine' }, { appId, token: mint() });
    await stage.onAir(ref);
  }, 60_000);
});

describe('the Secret of tokenRef', () => {
  test('may follow its channel: nothing is reported, and the channel goes on air', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await stage.apply(ref, withToken);
    const waiting = await stage.notReady(ref, 'RelayStarting');
    expect(readyOf(waiting)?.message).toMatch(/Waiting for Secret .*\/show-agora-token/);
    expect(waiting.status?.relayStatus).toBe('starting');
    await observeFor(2);
    const token = mint();
    await store(ref, token);
    await stage.onAir(ref, 5);
    expect(text(await stage.secret(ref), 'agora-token')).toBe(token);
    const events = await stage.events(ref);
    expect(events.filter(({ type }) => type === 'Warning')).toEqual([]);
  }, 60_000);

  test('that does not exist is reported after a moment', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await stage.apply(ref, withToken);
    await stage.notReady(ref, 'CredentialsNotFound', 30);
    await stage.event(
      ref,
      'Warning',
      'CredentialsNotFound',
      /show-agora-token \(spec\.agora\.tokenRef\) does not exist/,
    );
    expect(stage.streamsOf((await stage.channel(ref))?.metadata.uid ?? '')).toEqual([]);
    await store(ref, mint());
    await stage.onAir(ref);
  }, 60_000);

  test('with another token renews the relay’s at once, without a restart', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    await store(ref, mint());
    await stage.apply(ref, withToken);
    await stage.onAir(ref);
    const pod = await stage.pod(ref);
    const renewed = mint({ seconds: 7_200 });
    await store(ref, renewed);
    await eventually('the relay has the new token', 15, async () =>
      text(await stage.secret(ref), 'agora-token') === renewed ? true : undefined,
    );
    const after = await stage.onAir(ref);
    expect((await stage.pod(ref))?.metadata.uid).toBe(pod?.metadata.uid);
    expect(after.status?.relay?.restarts).toBe(0);
  }, 60_000);

  test('without our labels is noticed, too', async () => {
    const ref = { namespace: await stage.namespace(), name: 'show' };
    const theirs = { ...ref, name: 'show-agora-token' };
    await stage.putSecret(theirs, { token: mint() });
    await stage.apply(ref, withToken);
    await stage.onAir(ref);
    const renewed = mint({ seconds: 7_200 });
    await stage.putSecret(theirs, { token: renewed });
    await eventually('the relay has the new token', 25, async () =>
      text(await stage.secret(ref), 'agora-token') === renewed ? true : undefined,
    );
  }, 60_000);

  test.each([
    [
      'of another app',
      mintToken(
        { ...agoraApp, appId: 'c'.repeat(32) },
        { channel: 'show', uid: 0, role: 'audience', lifetimeSeconds: 60 },
      ),
      'AgoraTokenRejected',
      /is for app ID c{32}/,
    ],
    ['of another channel', mint({ channel: 'live_43' }), 'AgoraTokenRejected', /is for channel "live_43"/],
    ['of the old version', `006${appId}IAAB`, 'AgoraTokenRejected', /Mint an AccessToken2/],
  ])(
    'with a token %s starts no relay',
    async (_, token, reason, message) => {
      const ref = { namespace: await stage.namespace(), name: 'show' };
      await store(ref, token);
      await stage.apply(ref, withToken);
      await stage.notReady(ref, reason);
      await stage.event(ref, 'Warning', reason, message);
      expect(await stage.pod(ref)).toBeUndefined();
      await store(ref, mint());
      await stage.onAir(ref);
    },
    60_000,
  );
});

test('a token that expires is announced once, then ends the broadcast, until the app passes another', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await store(ref, mint());
  await stage.apply(ref, withToken);
  await stage.onAir(ref);
  const readyIs = (status: string, reason: string) =>
    stage.channelIs(
      ref,
      `Ready ${status} ${reason}`,
      (channel) => {
        const ready = readyOf(channel);
        return ready?.status === status && ready.reason === reason;
      },
      30,
    );
  try {
    ahead = 3_400_000;
    const warned = await readyIs('True', 'AgoraTokenExpiring');
    expect(warned.status?.relayStatus).toBe('active');
    const { count = 1 } = await stage.event(
      ref,
      'Warning',
      'AgoraTokenExpiring',
      /expires at .*; pass a new one/,
    );
    expect(count).toBe(1);
    ahead = 3_700_000;
    stage.kubelet.say(
      ref,
      live({
        videoOutput: 'held',
        host: null,
        message: 'The last frame is held: the Agora token has expired.',
      }),
    );
    const expired = await readyIs('False', 'AgoraTokenExpired');
    expect(expired.status?.relayStatus).toBe('error');
    await stage.event(ref, 'Warning', 'AgoraTokenExpired', /expired at .*Pass a new one/);
    const pod = await stage.pod(ref);
    stage.kubelet.say(ref, live());
    await store(ref, mint({ seconds: 7_200 }));
    await readyIs('True', 'Live');
    expect((await stage.pod(ref))?.metadata.uid).toBe(pod?.metadata.uid);
  } finally {
    ahead = 0;
  }
}, 120_000);

test('a token for one uid is used by one relay after the other', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  await store(ref, mint({ uid: 77 }));
  await stage.apply(ref, withToken);
  await stage.onAir(ref);
  const before = await stage.pod(ref);
  await stage.apply(ref, { ...withToken, relay: { maxResolution: '720p' } });
  await eventually('another pod', 30, async () => {
    expect(await stage.pod(ref, 1)).toBeUndefined();
    const pod = await stage.pod(ref);
    return pod !== undefined && pod.metadata.uid !== before?.metadata.uid ? true : undefined;
  });
  await stage.onAir(ref);
  expect(configIn(await stage.secret(ref)).agora.uid).toBe(77);
}, 90_000);
