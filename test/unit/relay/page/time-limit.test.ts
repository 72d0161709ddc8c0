import { expect, test } from '@jest/globals';
import { withinLimit } from '../../../../src/relay/page/time-limit.ts';

test('returns a result in time, and rejects with the original error', async () => {
  await expect(withinLimit('It', 1_000, Promise.resolve(5))).resolves.toBe(5);
  await expect(withinLimit('It', 1_000, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});

test('names the operation that timed out', async () => {
  const never = Promise.withResolvers<unknown>().promise;
  await expect(withinLimit('Subscribing', 10, never)).rejects.toMatchObject({
    name: 'TimeLimitError',
    message: 'Subscribing: no response within 0.01 s.',
  });
});
