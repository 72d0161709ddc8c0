import { describe, expect, test } from '@jest/globals';
import { boundedResponse, BodyTooLarge, readJson, readText } from '../../../../src/base/http/read-body.ts';

/** A body without an end, and how many chunks of 1 KiB were taken from it. */
function endless(): {
  readonly body: AsyncIterable<Uint8Array>;
  readonly taken: () => number;
  readonly ended: () => boolean;
} {
  let taken = 0;
  let ended = false;
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        taken += 1;
        yield Buffer.alloc(1024, 'x');
      }
    } finally {
      ended = true;
    }
  }
  return { body: body(), taken: () => taken, ended: () => ended };
}
async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

describe('an answer', () => {
  test('is read up to its limit, and characters may be split between chunks', async () => {
    const text = Buffer.from('grün');
    expect(await readText(chunks(text.subarray(0, 3), text.subarray(3)), 5)).toBe('grün');
    expect(await readText(null, 5)).toBe('');
    expect(await readJson(chunks(Buffer.from('{"a":'), Buffer.from('1}')), 10)).toEqual({ a: 1 });
  });

  test('of more bytes is refused after one chunk more, and its connection is closed', async () => {
    const { body, taken, ended } = endless();
    await expect(readText(body, 10_000)).rejects.toBeInstanceOf(BodyTooLarge);
    expect([taken(), ended()]).toEqual([10, true]);
  });

  test('that a library reads fails at the limit, with the same status and headers', async () => {
    const { body, taken } = endless();
    const answer = { status: 201, statusText: 'Created', headers: new Headers({ 'x-id': '7' }), body };
    const response = boundedResponse(answer, 10_000);
    expect([response.status, response.headers.get('x-id')]).toEqual([201, '7']);
    await expect(response.text()).rejects.toThrow('the answer exceeds 10000 bytes');
    expect(taken()).toBeLessThan(15);
    const small = boundedResponse({ ...answer, body: chunks(Buffer.from('[1]')) }, 3);
    expect(await small.json()).toEqual([1]);
    expect(boundedResponse({ ...answer, status: 204, body: null }, 3).status).toBe(204);
  });
});
