import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  firstNumber,
  HANDSHAKE_BYTES,
  messageType,
  RtmpMessageReader,
  windowAcknowledgementSize,
} from '../../../../src/relay/ingest/rtmp-messages.ts';

const handshake = Buffer.alloc(HANDSHAKE_BYTES, 0xc3);

interface Sent {
  readonly id: number;
  readonly timestamp: number;
  readonly type: number;
  readonly payload: Buffer;
}

/** Writes messages as a server does, each with the shortest header that its chunk stream allows. */
class Writer {
  readonly #before = new Map<number, { sent: Sent; delta: number | undefined }>();
  chunkSize = 128;

  write(message: Sent): Buffer {
    const { id, timestamp, type, payload } = message;
    const before = this.#before.get(id);
    const delta =
      before !== undefined && timestamp >= before.sent.timestamp
        ? timestamp - before.sent.timestamp
        : undefined;
    const same = before?.sent.type === type && before.sent.payload.length === payload.length;
    const format = delta === undefined ? 0 : !same ? 1 : before.delta !== delta ? 2 : 3;
    this.#before.set(id, { sent: message, delta: format === 0 ? undefined : delta });
    const time = delta ?? timestamp;
    const extended = time >= 0xffffff;
    const fields = Buffer.alloc(11);
    fields.writeUIntBE(extended ? 0xffffff : time, 0, 3);
    fields.writeUIntBE(payload.length, 3, 3);
    fields[6] = type;
    const more = Buffer.alloc(extended ? 4 : 0);
    if (extended) more.writeUInt32BE(time);
    const parts = [basic(format, id), fields.subarray(0, [11, 7, 3, 0][format] ?? 0), more];
    for (let at = 0; at === 0 || at < payload.length; at += this.chunkSize) {
      if (at > 0) parts.push(basic(3, id), more);
      parts.push(payload.subarray(at, at + this.chunkSize));
    }
    return Buffer.concat(parts);
  }
}

function basic(format: number, id: number): Buffer {
  if (id < 64) return Buffer.of((format << 6) | id);
  if (id < 320) return Buffer.of(format << 6, id - 64);
  return Buffer.of((format << 6) | 1, (id - 64) % 256, Math.floor((id - 64) / 256));
}

const control = (type: number, value: number): Sent => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return { id: 2, timestamp: 0, type, payload };
};

const messages = fc.array(
  fc.record({
    id: fc.constantFrom(3, 5, 63, 64, 319, 320, 65_599),
    timestamp: fc.constantFrom(0, 1, 40, 80, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff),
    type: fc.constantFrom(4, 8, 9, 20),
    payload: fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 12 },
);

test('parses every message, however the bytes are split and the headers compressed', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat({ max: 400 })), fc.nat({ max: 500 }), (sent, cuts, size) => {
      const writer = new Writer();
      const stream = [handshake, writer.write(control(messageType.setChunkSize, size + 1))];
      writer.chunkSize = size + 1;
      stream.push(...sent.map((message) => writer.write(message)));
      const bytes = Buffer.concat(stream);

      const reader = new RtmpMessageReader();
      const parsed = [];
      let at = 0;
      for (const length of cuts) {
        parsed.push(...reader.push(bytes.subarray(at, at + length)));
        at += length;
      }
      parsed.push(...reader.push(bytes.subarray(at)));
      expect(reader.betweenMessages).toBe(true);
      expect(parsed.slice(1).map(({ type, payload }) => [type, Buffer.from(payload)])).toEqual(
        sent.map(({ type, payload }) => [type, payload]),
      );
    }),
  );
});

test('separates messages with interleaved chunks', () => {
  const reader = new RtmpMessageReader();
  const long = { id: 5, timestamp: 0, type: 9, payload: Buffer.alloc(200, 1) };
  const bytes = new Writer().write(long);
  reader.push(handshake);
  expect(reader.push(bytes.subarray(0, 12 + 128))).toEqual([]);
  expect(reader.betweenMessages).toBe(false);
  expect(reader.push(new Writer().write(control(messageType.acknowledgement, 7)))).toMatchObject([
    { type: 3 },
  ]);
  expect(reader.push(bytes.subarray(12 + 128))).toMatchObject([{ type: 9, payload: long.payload }]);
});

test('drops a message that its sender aborts', () => {
  const reader = new RtmpMessageReader();
  const writer = new Writer();
  const bytes = writer.write({ id: 5, timestamp: 0, type: 9, payload: Buffer.alloc(200, 1) });
  reader.push(Buffer.concat([handshake, bytes.subarray(0, 12 + 128)]));
  reader.push(writer.write(control(messageType.abort, 5)));
  expect(reader.betweenMessages).toBe(true);
});

test('keeps only the beginning of a long message', () => {
  const reader = new RtmpMessageReader();
  const bytes = new Writer().write({ id: 5, timestamp: 0, type: 9, payload: Buffer.alloc(5_000, 1) });
  const [message] = reader.push(Buffer.concat([handshake, bytes]));
  expect(message?.payload.length).toBe(2_048);
});

test('stops parsing a stream that is not RTMP', () => {
  const reader = new RtmpMessageReader();
  expect(reader.push(Buffer.concat([handshake, Buffer.alloc(1_000, 0xff)]))).toEqual([]);
  expect(reader.push(new Writer().write(control(messageType.acknowledgement, 7)))).toEqual([]);
  expect(reader.betweenMessages).toBe(false);
});

describe('the window acknowledgement size', () => {
  test('is one message of the right type with the size', () => {
    const reader = new RtmpMessageReader();
    const [message] = reader.push(Buffer.concat([handshake, windowAcknowledgementSize(16_384)]));
    expect(message?.type).toBe(messageType.windowAcknowledgementSize);
    expect(firstNumber(message?.payload ?? new Uint8Array())).toBe(16_384);
    expect(reader.betweenMessages).toBe(true);
  });
});
