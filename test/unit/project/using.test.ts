import { expect, test } from '@jest/globals';

async function failTwice(): Promise<void> {
  await using resource = { [Symbol.asyncDispose]: () => Promise.reject(new Error('while cleaning up')) };
  expect(resource).toBeDefined();
  throw new Error('the cause');
}

test('an error in a test is reported although its cleanup fails too', async () => {
  const error: unknown = await failTwice().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SuppressedError);
  expect(error).toMatchObject({
    suppressed: { message: 'the cause' },
    error: { message: 'while cleaning up' },
  });
});
