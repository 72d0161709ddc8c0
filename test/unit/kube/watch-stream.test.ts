import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ApiError, ConnectionError } from '../../../src/kube/errors.ts';
import { readEvents, type WatchEvent } from '../../../src/kube/watch-stream.ts';

async function read(chunks: Iterable<Uint8Array>): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  for await (const event of readEvents('watch Pod', Readable.from(chunks), undefined)) events.push(event);
  return events;
}

const added = (name: string): WatchEvent => ({ type: 'ADDED', object: { metadata: { name } } });

describe('the body of a watch', () => {
  test('contains the same events wherever the network splits it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.array(fc.integer({ min: 1, max: 30 })),
        async (names, cuts) => {
          const bytes = new TextEncoder().encode(
            names.map((name) => `${JSON.stringify(added(name))}\n`).join(''),
          );
          const chunks: Uint8Array[] = [];
          let from = 0;
          for (const length of cuts) chunks.push(bytes.slice(from, (from += length)));
          chunks.push(bytes.slice(from));
          expect(await read(chunks)).toEqual(names.map(added));
        },
      ),
    );
  });

  test('with an ERROR event throws its status', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    const body = [Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)];
    const error: unknown = await read(body).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      isExpired: true,
      message: 'watch Pod: too old resource version (410 Expired)',
    });
  });

  test('with an incomplete event at the end is a broken connection', async () => {
    const whole = `${JSON.stringify(added('a'))}\n`;
    function* cut(): Generator<Uint8Array> {
      yield Buffer.from(whole + whole.slice(0, 10));
      throw new Error('other side closed');
    }
    await expect(read(cut())).rejects.toBeInstanceOf(ConnectionError);
    expect(await read([Buffer.from(whole + whole.slice(0, 10))])).toEqual([added('a')]);
  });
});
