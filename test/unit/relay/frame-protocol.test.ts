import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, type EncodedFrame } from '../../../src/relay/frame-protocol.ts';

const frames: fc.Arbitrary<EncodedFrame> = fc.record({
  kind: fc.constantFrom('video', 'audio'),
  key: fc.boolean(),
  receiver: fc.nat(0xffff_ffff),
  ssrc: fc.nat(0xffff_ffff),
  rtpTimestamp: fc.nat(0xffff_ffff),
  ageMs: fc.double({ noNaN: true }),
  mimeType: fc.constantFrom('', 'video/H264', 'video/VP8', 'audio/opus'),
  width: fc.nat(0xffff),
  height: fc.nat(0xffff),
  data: fc.uint8Array({ maxLength: 64 }),
});

test('the relay parses what the worker has written', () => {
  fc.assert(fc.property(frames, (frame) => expect(decodeFrame(encodeFrame(frame))).toEqual(frame)));
});

test('a message that is too short is not a frame', () => {
  expect(decodeFrame(new Uint8Array(27))).toBeUndefined();
});
