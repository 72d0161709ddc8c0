import type { EncodedFrame } from '../../../../src/relay/frame-protocol.ts';
import { blackFrame } from '../../../../src/relay/media/h264-black.ts';
import { readParameters, type H264Parameters } from '../../../../src/relay/media/h264-parameters.ts';
import { skippedPicture } from '../../../../src/relay/media/h264-slice.ts';
import { parameterSets } from '../../../../src/relay/media/h264.ts';

/** Frames as a page delivers them, of a valid but static H.264 stream: black frames without motion. */

const SIZE = { width: 64, height: 48 };

export function blackParameters(): H264Parameters {
  const sets = parameterSets(blackFrame(SIZE.width, SIZE.height).data);
  if (sets === undefined) throw new Error('A black frame has parameter sets.');
  return readParameters(sets);
}

type Options = Partial<EncodedFrame>;

export function keyframe(ms: number, options: Options & { readonly size?: typeof SIZE } = {}): EncodedFrame {
  const { size = SIZE, ...rest } = options;
  return { ...video(ms), key: true, ...size, data: blackFrame(size.width, size.height).data, ...rest };
}

/** The n-th frame after a keyframe. */
export function delta(ms: number, n: number, options: Options = {}): EncodedFrame {
  const data = skippedPicture(blackParameters(), { reference: true, frameNum: n % 16, order: 0 });
  return { ...video(ms), data, ...options };
}

export function sound(ms: number, options: Options = {}): EncodedFrame {
  return {
    ...{ kind: 'audio', key: false, receiver: 2, ssrc: 2, rtpTimestamp: Math.round(ms * 48) >>> 0, ageMs: 0 },
    ...{ mimeType: 'audio/opus', width: 0, height: 0, data: Uint8Array.of(0xfc, 1, 2, 3) },
    ...options,
  };
}

function video(ms: number): EncodedFrame {
  return {
    ...{ kind: 'video', key: false, receiver: 1, ssrc: 1, rtpTimestamp: Math.round(ms * 90) >>> 0, ageMs: 0 },
    ...{ mimeType: 'video/H264', width: 0, height: 0, data: new Uint8Array() },
  };
}
