import { describe, expect, test } from '@jest/globals';
import { FlvReader, type FlvFrame } from '../../../../src/relay/ingest/flv-reader.ts';

const FILE_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0]);
const sps = Buffer.from([0x67, 0x42, 0xc0, 0x1f]);
const pps = Buffer.from([0x68, 0xce]);
const idr = Buffer.from([0x65, 1, 2, 3]);
const slice = Buffer.from([0x41, 9]);

function tag(type: number, timeMs: number, body: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head.writeUInt8(type, 0);
  head.writeUIntBE(body.length, 1, 3);
  head.writeUIntBE(timeMs % 2 ** 24, 4, 3);
  head.writeUInt8(Math.floor(timeMs / 2 ** 24), 7);
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32BE(head.length + body.length);
  return Buffer.concat([head, body, trailer]);
}

const withLength = (bytes: number, nal: Buffer): Buffer => {
  const length = Buffer.alloc(bytes);
  length.writeUIntBE(nal.length, 0, bytes);
  return Buffer.concat([length, nal]);
};
const video = (first: number, packetType: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([first, packetType, 0, 0, 0]), content]);
const configuration = video(
  0x17,
  0,
  Buffer.concat([
    ...[Buffer.from([1, 0x42, 0xc0, 0x1f, 0xff, 0xe1]), withLength(2, sps)],
    ...[Buffer.from([1]), withLength(2, pps)],
  ]),
);
const stream = Buffer.concat([
  FILE_HEADER,
  tag(18, 0, Buffer.from('metadata')),
  tag(9, 0, configuration),
  tag(9, 0, video(0x17, 1, withLength(4, idr))),
  tag(9, 40, video(0x27, 1, Buffer.concat([withLength(4, slice), withLength(4, slice)]))),
  tag(9, 20_000_000, video(0x17, 1, withLength(4, idr))),
]);

const startCode = Buffer.from([0, 0, 0, 1]);
const key = Buffer.concat([startCode, sps, startCode, pps, startCode, idr]);
const expected = [
  { timeMs: 0, key: true, data: key },
  { timeMs: 40, key: false, data: Buffer.concat([startCode, slice, startCode, slice]) },
  { timeMs: 20_000_000, key: true, data: key },
];
const plain = (frames: readonly FlvFrame[]): object[] =>
  frames.map(({ timeMs, key: isKey, data }) => ({ timeMs, key: isKey, data: Buffer.from(data) }));

describe('frames are read from FLV', () => {
  test('with their times, in Annex B, keyframes with their parameter sets', () => {
    const frames = new FlvReader().push(stream);
    expect(plain(frames)).toEqual(expected);
    expect(frames.map(({ parameterSets }) => parameterSets && Buffer.from(parameterSets.sps))).toEqual([
      sps,
      undefined,
      sps,
    ]);
  });

  test.each([1, 7, 50])('however they are cut into chunks: of %d bytes', (size) => {
    const reader = new FlvReader();
    const frames: FlvFrame[] = [];
    for (let at = 0; at < stream.length; at += size)
      frames.push(...reader.push(stream.subarray(at, at + size)));
    expect(plain(frames)).toEqual(expected);
  });

  test('but no keyframe without parameter sets, and nothing of another codec', () => {
    const other = Buffer.concat([
      FILE_HEADER,
      tag(9, 0, video(0x17, 1, withLength(4, idr))),
      tag(9, 0, video(0x12, 1, withLength(4, idr))),
      tag(9, 0, Buffer.from([0x17])),
      tag(9, 0, video(0x17, 0, Buffer.from([1, 2, 3]))),
    ]);
    expect(new FlvReader().push(other)).toEqual([]);
  });
});
