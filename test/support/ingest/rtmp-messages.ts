/** What a publisher sends after the handshake, put together from its chunks (Adobe's RTMP 1.0, section 5.3). */
export interface RtmpMessage {
  /** 8 = sound, 9 = picture, 18 and 20 = data and commands in AMF0. */
  readonly type: number;
  /** Milliseconds. */
  readonly timestamp: number;
  readonly payload: Buffer;
}

export const rtmpType = { setChunkSize: 1, abort: 2, audio: 8, video: 9 } as const;

/** C0 with C1, and C2. */
const HANDSHAKE_BYTES = 1 + 1536 + 1536;
const EXTENDED = 0xffffff;

interface ChunkStream {
  timestamp: number;
  delta: number;
  length: number;
  type: number;
  extended: boolean;
  parts: Buffer[];
  received: number;
}

/** Reads the bytes from the client to the server of one connection. */
export class RtmpReader {
  #buffer: Buffer = Buffer.alloc(0);
  #handshake = HANDSHAKE_BYTES;
  #chunkSize = 128;
  readonly #streams = new Map<number, ChunkStream>();

  /** The messages that are complete with these bytes. */
  read(bytes: Buffer): RtmpMessage[] {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    const skipped = Math.min(this.#handshake, this.#buffer.length);
    this.#handshake -= skipped;
    let at = skipped;
    const messages: RtmpMessage[] = [];
    while (at < this.#buffer.length) {
      const chunk = this.#chunk(at);
      if (chunk === undefined) break;
      at = chunk.end;
      if (chunk.message !== undefined) messages.push(chunk.message);
    }
    this.#buffer = this.#buffer.subarray(at);
    return messages;
  }

  /** The chunk at this place, and the message that it completes; undefined while it is not all there. */
  #chunk(start: number): { end: number; message: RtmpMessage | undefined } | undefined {
    const buffer = this.#buffer;
    const available = buffer.length;
    const format = (buffer[start] ?? 0) >> 6;
    const low = (buffer[start] ?? 0) & 0x3f;
    let at = start + (low === 0 ? 2 : low === 1 ? 3 : 1);
    const headerBytes = [11, 7, 3, 0][format] ?? 0;
    if (available < at + headerBytes) return undefined;
    const id =
      low === 0 ? 64 + buffer.readUInt8(start + 1) : low === 1 ? 64 + buffer.readUInt16LE(start + 1) : low;
    const known = this.#streams.get(id);
    const stream: ChunkStream = known ?? {
      ...{ timestamp: 0, delta: 0, length: 0, type: 0, extended: false, parts: [], received: 0 },
    };
    const time = format < 3 ? buffer.readUIntBE(at, 3) : 0;
    const length = format < 2 ? buffer.readUIntBE(at + 3, 3) : stream.length;
    const type = format < 2 ? buffer.readUInt8(at + 6) : stream.type;
    at += headerBytes;
    const extended = format < 3 ? time === EXTENDED : stream.extended;
    if (available < at + (extended ? 4 : 0)) return undefined;
    const full = extended ? buffer.readUInt32BE(at) : time;
    if (extended) at += 4;
    const size = Math.min(this.#chunkSize, length - stream.received);
    if (available < at + size) return undefined;

    this.#streams.set(id, stream);
    const first = stream.received === 0;
    if (first && format === 0) Object.assign(stream, { timestamp: full, delta: 0 });
    else if (first && format < 3) Object.assign(stream, { timestamp: stream.timestamp + full, delta: full });
    else if (first) stream.timestamp += stream.delta;
    Object.assign(stream, { length, type, extended });
    stream.parts.push(buffer.subarray(at, at + size));
    stream.received += size;
    at += size;
    if (stream.received < length) return { end: at, message: undefined };
    const payload = Buffer.concat(stream.parts);
    Object.assign(stream, { parts: [], received: 0 });
    return { end: at, message: this.#control({ type, timestamp: stream.timestamp, payload }) };
  }

  #control(message: RtmpMessage): RtmpMessage | undefined {
    const { type, payload } = message;
    if (type === rtmpType.setChunkSize) this.#chunkSize = payload.readUInt32BE(0) & 0x7fffffff;
    else if (type === rtmpType.abort) this.#streams.delete(payload.readUInt32BE(0));
    else return message;
    return undefined;
  }
}
