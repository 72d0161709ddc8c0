import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { readAgoraCredentials } from '../../../../src/controllers/relays/agora-credentials.ts';
import { mintAgoraToken } from '../../../../src/controllers/relays/agora-token.ts';
import { verifyToken } from '../../../fixtures/agora/token.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { aSecretObject, never, OneSecret } from '../../../support/platforms/platform-examples.ts';

const appId = '0123456789abcdef0123456789abcdef';
const appCertificate = 'fedcba9876543210fedcba9876543210';
const read = (values?: Record<string, string>): ReturnType<typeof readAgoraCredentials> =>
  readAgoraCredentials(aChannel(), new OneSecret(values && aSecretObject(values)).reader, never);

describe('credentials', () => {
  test('are read, with white space around them dropped', async () => {
    const found = await read({ appId: `${appId}\n`, appCertificate: ` ${appCertificate} ` });
    if (!found.ok) throw new Error(found.problem.message);
    expect(found.value.appId).toBe(appId);
    expect(found.value.appCertificate.reveal()).toBe(appCertificate);
  });

  test('never show the certificate, and have another digest with another one', async () => {
    const one = await read({ appId, appCertificate });
    const other = await read({ appId, appCertificate: 'a'.repeat(32) });
    expect(JSON.stringify(one) + inspect(one, { depth: 9 })).not.toContain(appCertificate);
    expect(one).not.toMatchObject(other);
  });

  test.each<[string, Record<string, string> | undefined, string, RegExp]>([
    [
      'no Secret',
      undefined,
      'CredentialsNotFound',
      /Secret shop\/agora .* does not exist\. Create it with the keys/,
    ],
    ['no appId', { appCertificate }, 'CredentialsNotFound', /has no key appId\. Add it/],
    ['no appCertificate', { appId }, 'CredentialsNotFound', /has no key appCertificate\. Add it/],
    ['an empty value', { appId, appCertificate: ' \n' }, 'CredentialsNotFound', /has no key appCertificate/],
    [
      'a short appId',
      { appId: 'abc', appCertificate },
      'CredentialsRejected',
      /Key appId .* 32 hexadecimal digits/,
    ],
    [
      'a certificate that is none',
      { appId, appCertificate: 'z'.repeat(32) },
      'CredentialsRejected',
      /Key appCertificate .* 32 hexadecimal digits/,
    ],
  ])('%s: said, without the value', async (_, values, reason, message) => {
    const found = await read(values);
    if (found.ok) throw new Error('found');
    expect(found.problem.reason).toBe(reason);
    expect(found.problem.message).toMatch(message);
    expect(found.problem.message).not.toContain('zzz');
  });
});

test('a token lets its subject into its channel as audience, for as long as it says', async () => {
  const found = await read({ appId, appCertificate });
  if (!found.ok) throw new Error(found.problem.message);
  const now = new Date();
  const minted = mintAgoraToken(found.value, { channelName: 'show', uid: 4_000_000_007 }, 600, now);
  expect(minted.expiresAt.getTime() - minted.issuedAt.getTime()).toBe(600_000);
  const use = { token: minted.token.reveal(), channel: 'show', uid: 4_000_000_007, now: now.getTime() };
  const apps = [{ appId, appCertificate }];
  expect(verifyToken(apps, use)).toMatchObject({ valid: true, mayPublish: false });
  expect(verifyToken(apps, { ...use, uid: 1 })).toMatchObject({ valid: false });
  expect(verifyToken(apps, { ...use, now: now.getTime() + 602_000 })).toMatchObject({ reason: 'expired' });
});
