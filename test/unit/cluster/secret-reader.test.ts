import { expect, test } from '@jest/globals';
import { ApiError } from '../../../src/kube/errors.ts';
import { aSecretObject, never, OneSecret } from '../../support/platforms/platform-examples.ts';

const ref = { namespace: 'shop', name: 'agora' };

test('values are decoded, and the version changes with the Secret', async () => {
  const one = new OneSecret(aSecretObject({ appId: 'ä' }));
  const first = await one.reader.read(ref, never);
  expect(first?.values.get('appId')).toBe('ä');
  one.secret = aSecretObject({ appId: 'b' }, '2');
  await one.clock.advance(5_000);
  const second = await one.reader.read(ref, never);
  expect(second?.values.get('appId')).toBe('b');
  expect(second?.version).not.toBe(first?.version);
});

test('one answer serves all reads within five seconds, also concurrent ones', async () => {
  const one = new OneSecret(aSecretObject({}));
  await Promise.all([one.reader.read(ref, never), one.reader.read(ref, never)]);
  await one.clock.advance(4_999);
  await one.reader.read(ref, never);
  expect(one.fetched).toBe(1);
  await one.clock.advance(1);
  await one.reader.read(ref, never);
  expect(one.fetched).toBe(2);
});

test('a missing Secret is undefined, and looked up again a second later', async () => {
  const one = new OneSecret();
  expect(await one.reader.read(ref, never)).toBeUndefined();
  one.secret = aSecretObject({});
  await one.clock.advance(999);
  expect(await one.reader.read(ref, never)).toBeUndefined();
  await one.clock.advance(1);
  expect(await one.reader.read(ref, never)).toBeDefined();
});

test('a Secret that has changed according to a watch is read again', async () => {
  const one = new OneSecret(aSecretObject({ appId: 'a' }));
  await one.reader.read(ref, never);
  one.secret = aSecretObject({ appId: 'b' }, '2');
  one.reader.forget(ref);
  expect((await one.reader.read(ref, never))?.values.get('appId')).toBe('b');
});

test('a failure is thrown and not cached', async () => {
  const one = new OneSecret(aSecretObject({}));
  one.error = new Error('connection reset');
  await expect(one.reader.read(ref, never)).rejects.toThrow('connection reset');
  one.error = undefined;
  expect(await one.reader.read(ref, never)).toBeDefined();
});

test('the last answer is used while the API server does not answer; a refusal is thrown', async () => {
  const one = new OneSecret(aSecretObject({ appId: 'a' }));
  await one.reader.read(ref, never);
  await one.clock.advance(5_000);
  one.error = new ApiError('get Secret', { status: 503 });
  expect((await one.reader.read(ref, never))?.values.get('appId')).toBe('a');
  await one.clock.advance(5_000);
  one.error = new ApiError('get Secret', { status: 403 });
  await expect(one.reader.read(ref, never)).rejects.toThrow('403');
});
