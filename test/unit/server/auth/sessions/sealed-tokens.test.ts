import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { SealedTokens } from '../../../../../src/server/auth/sessions/sealed-tokens.ts';

const clock = new FakeClock(new Date('2026-11-30T08:00:00Z'));
const keys = { all: async () => [new Uint8Array(randomBytes(32))] };
const key = await keys.all();
const shop = new SealedTokens({ all: async () => key }, 'shop', clock);
const inAnHour = new Date('2026-11-30T09:00:00Z');

async function sealed(): Promise<string> {
  const token = await shop.seal('livechannel-session+jwt', { secret: 'hunter2' }, inAnHour);
  if (token === undefined) throw new Error('there is no key');
  return token;
}

test('a token is opened with its content and expiry, and shows neither', async () => {
  const token = await sealed();
  expect(await shop.open('livechannel-session+jwt', token)).toMatchObject({
    claims: { secret: 'hunter2' },
    expiresAt: inAnHour,
  });
  for (const part of token.split('.'))
    expect(Buffer.from(part, 'base64url').toString()).not.toContain('hunter2');
});

test('a token of one kind is not accepted as another: the cookie of a started login is no session', async () => {
  expect(await shop.open('livechannel-login+jwt', await sealed())).toBeUndefined();
});

test('a token is not accepted in another namespace, with another key, or without one', async () => {
  const token = await sealed();
  for (const other of [
    new SealedTokens({ all: async () => key }, 'market', clock),
    new SealedTokens(keys, 'shop', clock),
    new SealedTokens({ all: async () => [] }, 'shop', clock),
  ])
    expect(await other.open('livechannel-session+jwt', token)).toBeUndefined();
});

test('without a key, nothing is sealed', async () => {
  const none = new SealedTokens({ all: async () => [] }, 'shop', clock);
  expect(await none.canSeal()).toBe(false);
  expect(await none.seal('livechannel-session+jwt', {}, inAnHour)).toBeUndefined();
});
