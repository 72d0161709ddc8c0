import { withParameterSets } from '../media/h264.ts';
import type { ParameterSets } from '../media/packet.ts';

/** A frame of an FLV stream of H.264 video. */
export interface FlvFrame {
  readonly timeMs: number;
  readonly key: boolean;
  /** Annex B; a keyframe begins with its parameter sets. */
  readonly data: Uint8Array;
  /** Present with a keyframe. */
  readonly parameterSets: ParameterSets | undefined;
}

const FILE_HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
/** Each tag is followed by its size. */
const TRAILER_BYTES = 4;
/** Of a video tag: frame type and codec, packet type, composition time. */
const VIDEO_HEADER_BYTES = 5;
const VIDEO_TAG = 9;
const AVC = 7;
const SEQUENCE_HEADER = 0;
const NAL_UNITS = 1;

/** Reads H.264 frames from FLV as FFmpeg writes it (Adobe FLV 10.1, annex E; ISO/IEC 14496-15 for the AVC part). */
export class FlvReader {
  #buffer: Buffer = Buffer.alloc(0);
  #headerRead = false;
  #sets: ParameterSets | undefined;

  /** Returns the frames that are complete with this chunk. */
  push(chunk: Buffer): FlvFrame[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const frames: FlvFrame[] = [];
    if (!this.#headerRead) {
      if (this.#buffer.length < FILE_HEADER_BYTES) return frames;
      this.#buffer = this.#buffer.subarray(FILE_HEADER_BYTES);
      this.#headerRead = true;
    }
    while (this.#buffer.length >= TAG_HEADER_BYTES) {
      const end = TAG_HEADER_BYTES + this.#buffer.readUIntBE(1, 3);
      if (this.#buffer.length < end + TRAILER_BYTES) break;
      const frame = this.#tag(this.#buffer.subarray(0, end));
      if (frame !== undefined) frames.push(frame);
      this.#buffer = this.#buffer.subarray(end + TRAILER_BYTES);
    }
    return frames;
  }

  #tag(tag: Buffer): FlvFrame | undefined {
    const body = tag.subarray(TAG_HEADER_BYTES);
    if (tag[0] !== VIDEO_TAG || body.length < VIDEO_HEADER_BYTES) return undefined;
    const [first = 0, packetType] = body;
    if ((first & 0x0f) !== AVC) return undefined;
    const content = body.subarray(VIDEO_HEADER_BYTES);
    if (packetType === SEQUENCE_HEADER) this.#sets = parameterSetsOf(content) ?? this.#sets;
    if (packetType !== NAL_UNITS) return undefined;
    // 24 bits, then the 8 bits above them.
    const timeMs = tag.readUIntBE(4, 3) + (tag[7] ?? 0) * 2 ** 24;
    const key = first >> 4 === 1;
    const data = annexB(content);
    if (!key) return { timeMs, key, data, parameterSets: undefined };
    const sets = this.#sets;
    return sets && { timeMs, key, data: withParameterSets(data, sets), parameterSets: sets };
  }
}

/** AVCDecoderConfigurationRecord: five bytes, the number of SPS and each with its length, the same of PPS. */
function parameterSetsOf(record: Buffer): ParameterSets | undefined {
  const spsAt = 8;
  if (record.length < spsAt) return undefined;
  const spsEnd = spsAt + record.readUInt16BE(6);
  const ppsAt = spsEnd + 3;
  if (record.length < ppsAt) return undefined;
  const ppsEnd = ppsAt + record.readUInt16BE(spsEnd + 1);
  // Copies: the record is part of a larger buffer that would be kept alive.
  return record.length < ppsEnd
    ? undefined
    : {
        sps: Uint8Array.from(record.subarray(spsAt, spsEnd)),
        pps: Uint8Array.from(record.subarray(ppsAt, ppsEnd)),
      };
}

/** Replaces the four bytes of each length by a start code. */
function annexB(nalUnits: Buffer): Buffer {
  const data = Buffer.from(nalUnits);
  for (let at = 0; at + 4 <= data.length;) {
    const length = data.readUInt32BE(at);
    data.writeUInt32BE(1, at);
    at += 4 + length;
  }
  return data;
}
