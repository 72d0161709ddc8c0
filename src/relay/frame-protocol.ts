/**
 * Format in which the page's worker sends encoded frames to the relay: one binary WebSocket message per frame, a
 * fixed header (little endian) followed by the payload. Both sides import this file, so it must run in a browser as
 * well as in Node.
 */
const FRAME_HEADER_BYTES = 28;

const MIME_TYPES = [
  '',
  'video/H264',
  'video/VP8',
  'video/VP9',
  'video/AV1',
  'video/H265',
  'audio/opus',
] as const;

/** A frame as the host encoded it, with what the receiver knows about it. */
export interface EncodedFrame {
  readonly kind: 'video' | 'audio';
  /** Whether it is a keyframe; only a video frame can be. */
  readonly key: boolean;
  /** Number of the receiver, unique within the page's lifetime; a new receiver has a new RTP clock. */
  readonly receiver: number;
  readonly ssrc: number;
  readonly rtpTimestamp: number;
  /** Time between the arrival of the frame's last packet and its sending to the relay, in milliseconds. */
  readonly ageMs: number;
  /** MIME type as the receiver names it, e.g. video/H264; empty when it is not in the list of known types. */
  readonly mimeType: string;
  /** Pixels. 0 where the page does not know the size, which is every frame except keyframes. */
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Encodes a frame as one WebSocket message. */
export function encodeFrame(frame: EncodedFrame): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(FRAME_HEADER_BYTES + frame.data.length);
  const view = new DataView(out.buffer);
  const mime = MIME_TYPES.findIndex((type) => type.toLowerCase() === frame.mimeType.toLowerCase());
  view.setUint8(0, frame.kind === 'video' ? 1 : 0);
  view.setUint8(1, frame.key ? 1 : 0);
  view.setUint8(2, Math.max(0, mime));
  view.setUint32(4, frame.receiver, true);
  view.setUint32(8, frame.ssrc, true);
  view.setUint32(12, frame.rtpTimestamp, true);
  view.setFloat64(16, frame.ageMs, true);
  view.setUint16(24, frame.width, true);
  view.setUint16(26, frame.height, true);
  out.set(frame.data, FRAME_HEADER_BYTES);
  return out;
}

/** Decodes one WebSocket message. Returns undefined when it is too short to be a frame. */
export function decodeFrame(message: Uint8Array): EncodedFrame | undefined {
  if (message.length < FRAME_HEADER_BYTES) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  return {
    kind: view.getUint8(0) === 1 ? 'video' : 'audio',
    key: view.getUint8(1) === 1,
    mimeType: MIME_TYPES[view.getUint8(2)] ?? '',
    receiver: view.getUint32(4, true),
    ssrc: view.getUint32(8, true),
    rtpTimestamp: view.getUint32(12, true),
    ageMs: view.getFloat64(16, true),
    width: view.getUint16(24, true),
    height: view.getUint16(26, true),
    data: message.subarray(FRAME_HEADER_BYTES),
  };
}
