import { describe, expect, test } from '@jest/globals';
import { RtmpReader, type RtmpMessage } from '../../../support/ingest/rtmp-messages.ts';

const handshake = Buffer.alloc(1 + 1536 + 1536);

/** A chunk's header of format 0 or 1 on chunk stream 4 (RTMP 1.0 section 5.3.1). */
function header(format: 0 | 1, time: number, length: number, type: number): Buffer {
  const bytes = Buffer.alloc(format === 0 ? 12 : 8);
  bytes.writeUInt8((format << 6) | 4, 0);
  bytes.writeUIntBE(time, 1, 3);
  bytes.writeUIntBE(length, 4, 3);
  bytes.writeUInt8(type, 7);
  return bytes;
}

const setChunkSize = Buffer.from([2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 200]);
const continued = Buffer.from([(3 << 6) | 4]);
const picture = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 251));

/** A picture in two chunks of 200 and 100 bytes, and a sound 40 ms after it. */
const stream = Buffer.concat([
  ...[handshake, setChunkSize],
  ...[header(0, 1_000, 300, 9), picture.subarray(0, 200), continued, picture.subarray(200)],
  ...[header(1, 40, 3, 8), Buffer.from([0xaf, 1, 7])],
]);

const expected: RtmpMessage[] = [
  { type: 9, timestamp: 1_000, payload: picture },
  { type: 8, timestamp: 1_040, payload: Buffer.from([0xaf, 1, 7]) },
];

describe('what a publisher sends', () => {
  test('is put together from its chunks', () => {
    expect(new RtmpReader().read(stream)).toEqual(expected);
  });

  test.each([1, 7, 1_000])('is the same when it comes in pieces of %i bytes', (size) => {
    const reader = new RtmpReader();
    const messages: RtmpMessage[] = [];
    for (let at = 0; at < stream.length; at += size)
      messages.push(...reader.read(stream.subarray(at, at + size)));
    expect(messages).toEqual(expected);
  });
});
