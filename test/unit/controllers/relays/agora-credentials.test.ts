import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import {
  readAgoraCredentials,
  type AgoraCredentials,
} from '../../../../src/controllers/relays/agora-credentials.ts';
import { relayToken } from '../../../../src/controllers/relays/agora-token.ts';
import type { Found } from '../../../../src/channel/state.ts';
import { verifyToken } from '../../../fixtures/agora/token.ts';
import { mintToken } from '../../../fixtures/agora/token-minter.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { never } from '../../../support/platforms/platform-examples.ts';

const appId = '0123456789abcdef0123456789abcdef';
const appCertificate = 'fedcba9876543210fedcba9876543210';
const app = { appId, appCertificate };
const now = new Date();
const mint = (difference: { channel?: string; uid?: number; seconds?: number } = {}): string => {
  const { channel = 'show', uid = 0, seconds = 3_600 } = difference;
  return mintToken(app, { channel, uid, role: 'audience', lifetimeSeconds: seconds });
};
const ofToken = (agora: object = {}, metadata: object = {}): LiveChannel =>
  aChannel({
    metadata,
    spec: { agora: { credentialsRef: { name: 'agora' }, tokenRef: { name: 'show-token' }, ...agora } },
  });

type Secrets = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
const readFrom = (secrets: Secrets, channel = aChannel(), time = now): Promise<Found<AgoraCredentials>> => {
  const read = async ({ name }: { name: string }) => {
    const values = secrets[name];
    return values === undefined ? undefined : { version: '1', values: new Map(Object.entries(values)) };
  };
  return readAgoraCredentials(channel, { read }, time, never);
};
const read = (values?: Record<string, string>): Promise<Found<AgoraCredentials>> =>
  readFrom({ agora: values });
async function credentialsFrom(secrets: Secrets, channel = aChannel()): Promise<AgoraCredentials> {
  const found = await readFrom(secrets, channel);
  if (!found.ok) throw new Error(found.problem.message);
  return found.value;
}

describe('credentials', () => {
  test('are read, with surrounding white space removed', async () => {
    const found = await credentialsFrom({
      agora: { appId: `${appId}\n`, appCertificate: ` ${appCertificate} ` },
    });
    expect(found).toMatchObject({ appId, token: { from: 'certificate' } });
    expect(found.secret?.reveal()).toBe(appCertificate);
  });

  test('of a project without an App Certificate are the app ID alone', async () => {
    expect(await credentialsFrom({ agora: { appId } })).toMatchObject({
      ...{ appId, token: { from: 'none' } },
      secret: undefined,
    });
  });

  test('may have a token of the app instead of the certificate', async () => {
    const token = mint();
    const found = await credentialsFrom({ agora: { appId, token: `${token}\n` } });
    expect(found).toMatchObject({ token: { from: 'app', uid: undefined } });
    expect(found.secret?.reveal()).toBe(token);
  });

  test('take the token from tokenRef before they mint one, so that one Secret with the app ID serves many channels', async () => {
    const token = mint();
    const found = await credentialsFrom({ agora: app, 'show-token': { token } }, ofToken());
    expect(found).toMatchObject({ appId, token: { from: 'app' } });
    expect(found.secret?.reveal()).toBe(token);
    const same = ofToken({ tokenRef: { name: 'agora' } });
    expect(await credentialsFrom({ agora: { appId, token } }, same)).toMatchObject({
      token: { from: 'app' },
    });
  });

  test('never show certificate or token, and have another digest with another one', async () => {
    const [first, second] = [mint(), mint({ seconds: 7_200 })];
    const all = [
      await read(app),
      await read({ appId, appCertificate: 'a'.repeat(32) }),
      await read({ appId }),
      await read({ appId, token: first }),
      await read({ appId, token: second }),
    ];
    const shown = JSON.stringify(all) + inspect(all, { depth: 9 });
    for (const secret of [appCertificate, first, second]) expect(shown).not.toContain(secret);
    expect(new Set(all.map((each) => (each.ok ? each.value.digest : ''))).size).toBe(5);
  });

  test('with a certificate have the digest of earlier versions, so that an upgrade leaves running relays alone', async () => {
    expect((await credentialsFrom({ agora: app })).digest).toBe('97e6c6c493d18c1a');
  });

  test.each<[string, Record<string, string> | undefined, string, RegExp]>([
    [
      'a missing Secret',
      undefined,
      'CredentialsNotFound',
      /Secret shop\/agora .* does not exist\. Create it with the key appId/,
    ],
    ['a missing appId', { appCertificate }, 'CredentialsNotFound', /has no key appId\. Add it/],
    ['an empty appId', { appId: ' ' }, 'CredentialsNotFound', /Key appId .* is empty/],
    [
      'an empty certificate',
      { appId, appCertificate: ' \n' },
      'CredentialsNotFound',
      /Key appCertificate .* is empty\. Set or remove it/,
    ],
    ['an empty token', { appId, token: '' }, 'CredentialsNotFound', /Key token .* is empty/],
    [
      'a short appId',
      { appId: 'abc', appCertificate },
      'CredentialsRejected',
      /Key appId .* 32 hexadecimal digits/,
    ],
    [
      'an invalid certificate',
      { appId, appCertificate: 'z'.repeat(32) },
      'CredentialsRejected',
      /Key appCertificate .* 32 hexadecimal digits/,
    ],
    [
      'both a certificate and a token',
      { appId, appCertificate, token: mint() },
      'CredentialsRejected',
      /has both appCertificate and token\. Remove the one/,
    ],
    [
      'text in place of a token',
      { appId, token: 'zzz' },
      'AgoraTokenRejected',
      /The Agora token in Secret shop\/agora .* is not an AccessToken2/,
    ],
  ])('%s is reported, without the value', async (_, values, reason, message) => {
    const found = await read(values);
    if (found.ok) throw new Error('found');
    expect(found.problem.reason).toBe(reason);
    expect(found.problem.message).toMatch(message);
    expect(found.problem.message).not.toContain('zzz');
  });

  test.each<[string, Secrets[string], LiveChannel, number, string, RegExp]>([
    [
      'is awaited for a moment after the channel was created',
      undefined,
      ofToken({}, { creationTimestamp: now.toISOString() }),
      9,
      'RelayStarting',
      /Waiting for Secret shop\/show-token \(spec\.agora\.tokenRef\)/,
    ],
    [
      'is missing after that',
      undefined,
      ofToken({}, { creationTimestamp: now.toISOString() }),
      10,
      'CredentialsNotFound',
      /does not exist\. Create it with the key token/,
    ],
    ['without the key', { other: 'x' }, ofToken(), 0, 'CredentialsNotFound', /has no key token/],
    [
      'of another channel',
      { token: mint({ channel: 'other' }) },
      ofToken(),
      0,
      'AgoraTokenRejected',
      /is for channel "other"/,
    ],
    [
      "for the host's uid",
      { token: mint({ uid: 9 }) },
      ofToken({ hostUid: 9 }),
      0,
      'AgoraTokenRejected',
      /which is the host's/,
    ],
    ['that has expired', { token: mint({ seconds: 60 }) }, ofToken(), 61, 'AgoraTokenExpired', /expired at/],
  ])("the Secret with the app's token: %s", async (_, secret, channel, seconds, reason, message) => {
    const time = new Date(now.getTime() + seconds * 1_000);
    const found = await readFrom({ agora: { appId }, 'show-token': secret }, channel, time);
    if (found.ok) throw new Error('found');
    expect(found.problem.reason).toBe(reason);
    expect(found.problem.message).toMatch(message);
  });
});

describe('the token of a relay', () => {
  const subject = { channelName: 'show', uid: 4_000_000_007 };

  test('is minted from the certificate: its subject can join as audience, for its lifetime', async () => {
    const minted = relayToken(await credentialsFrom({ agora: app }), subject, 600, now);
    expect(minted.expiresAt).toEqual(new Date(minted.issuedAt.getTime() + 600_000));
    const use = {
      token: minted.token?.reveal() ?? '',
      channel: 'show',
      uid: subject.uid,
      now: now.getTime(),
    };
    expect(verifyToken([app], use)).toMatchObject({ valid: true, mayPublish: false });
    expect(verifyToken([app], { ...use, uid: 1 })).toMatchObject({ valid: false });
    expect(verifyToken([app], { ...use, now: now.getTime() + 602_000 })).toMatchObject({ reason: 'expired' });
  });

  test('is the one that the app passed, with its own expiry', async () => {
    const token = mint({ seconds: 900 });
    const passed = relayToken(await credentialsFrom({ agora: { appId, token } }), subject, 600, now);
    expect(passed.token?.reveal()).toBe(token);
    expect(passed.issuedAt).toEqual(now);
    expect((passed.expiresAt?.getTime() ?? 0) - now.getTime()).toBeGreaterThan(890_000);
  });

  test('does not exist for a project without an App Certificate', async () => {
    const none = relayToken(await credentialsFrom({ agora: { appId } }), subject, 600, now);
    expect(none).toEqual({ token: undefined, issuedAt: now, expiresAt: undefined });
  });
});
