import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { SecretText } from '../../../../src/base/secret-text.ts';
import { ApiError } from '../../../../src/kube/errors.ts';
import { PassedTokens } from '../../../../src/server/services/passed-tokens.ts';
import { mintToken } from '../../../fixtures/agora/token-minter.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { never } from '../../../support/platforms/platform-examples.ts';

const app = { appId: 'a'.repeat(32), appCertificate: 'b'.repeat(32) };
const mint = (channel = 'live_42'): SecretText =>
  new SecretText(mintToken(app, { channel, uid: 0, role: 'audience', lifetimeSeconds: 60 }));
const clock = { now: () => new Date() };
const tokensWith = (
  accept: boolean,
  apply: (...call: readonly unknown[]) => Promise<unknown> = async () => undefined,
) => new PassedTokens({ client: { apply } as never, clock, accept });

describe('before anything is created, a token', () => {
  test('is accepted for its channel', () => {
    expect(() => tokensWith(true).check(mint(), { channelName: 'live_42' })).not.toThrow();
  });

  test('is refused with what to set where the installation accepts none', () => {
    expect(() => tokensWith(false).check(mint(), { channelName: 'live_42' })).toThrow(
      /agora-token-not-accepted: .*api\.agoraTokens\.accept=true/,
    );
  });

  test.each([
    [
      'for another channel',
      mint('live_43'),
      /agora-token-rejected: The Agora token is for channel "live_43"/,
    ],
    [
      'that is none',
      new SecretText('hunter22'),
      /agora-token-rejected: The Agora token is not an AccessToken2/,
    ],
  ])('%s is refused, without the token', (_, token, message) => {
    const attempt = (): void => tokensWith(true).check(token, { channelName: 'live_42' });
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(token.reveal());
  });
});

test('a new channel names the Secret, beside its other settings for Agora', () => {
  const metadata = { name: 'c-1', namespace: 'shop', annotations: {} };
  const spec = { suspend: false, agora: { channelName: 'live_1', credentialsRef: { name: 'agora' } } };
  expect(tokensWith(true).withToken({ metadata, spec })).toEqual({
    metadata,
    spec: { suspend: false, agora: { ...spec.agora, tokenRef: { name: 'c-1-agora-token' } } },
  });
  expect(tokensWith(true).tokenPatch(aChannel())).toEqual({
    spec: { agora: { tokenRef: { name: 'show-agora-token' } } },
  });
});

test('a Secret of someone else is left alone, and the error does not contain the token', async () => {
  const calls: unknown[] = [];
  const tokens = tokensWith(true, async (...call) => {
    calls.push(call[2]);
    throw new ApiError('apply Secret', { status: 409 });
  });
  const token = mint();
  const error: unknown = await tokens.store(aChannel(), token, never).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: 'name-conflict',
    detail: expect.stringMatching(/Secret show-agora-token exists/),
  });
  expect(inspect(error, { depth: 9 })).not.toContain(token.reveal());
  expect(calls).toMatchObject([{ force: false }]);
});
