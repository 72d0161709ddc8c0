/** C0 and C1 with C2, or S0 and S1 with S2: what each side sends before its first chunk (RTMP 1.0 section 5.2). */
export const HANDSHAKE_BYTES = 1 + 2 * 1_536;
/** Bytes of a message beyond this are discarded; the messages that are read here are far shorter. */
const MAX_KEPT_BYTES = 2_048;

/** Message types (RTMP 1.0 sections 5.4 and 7.1). */
export const messageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  windowAcknowledgementSize: 5,
  commandAmf3: 17,
  commandAmf0: 20,
} as const;

/** A message of one direction of an RTMP connection. */
export interface RtmpMessage {
  readonly type: number;
  /** The first 2,048 bytes. */
  readonly payload: Uint8Array;
}

/** State of a chunk stream: later chunks omit the header fields that have not changed. */
interface ChunkStream {
  type: number;
  length: number;
  /** Whether its chunks carry an extended timestamp of four bytes. */
  extended: boolean;
  received: number;
  kept: Uint8Array[];
}

/**
 * Reads the messages in one direction of an RTMP connection from its stream of chunks (RTMP 1.0 section 5.3), passed
 * in pieces of any size. It modifies nothing and needs only the bytes. After something that it cannot parse, it
 * returns no more messages.
 */
export class RtmpMessageReader {
  readonly #streams = new Map<number, ChunkStream>();
  #handshakeLeft = HANDSHAKE_BYTES;
  #chunkSize = 128;
  /** The beginning of a chunk header that is still incomplete. */
  #begun: Uint8Array = new Uint8Array();
  #current: ChunkStream | undefined;
  #leftInChunk = 0;
  #lost = false;

  /** Whether a message can be inserted here, because none is partly sent. */
  get betweenMessages(): boolean {
    return (
      this.#handshakeLeft === 0 &&
      this.#begun.length === 0 &&
      this.#current === undefined &&
      !this.#lost &&
      [...this.#streams.values()].every(({ received }) => received === 0)
    );
  }

  /** Adds bytes and returns the messages that are completed by them. */
  push(bytes: Uint8Array): RtmpMessage[] {
    const skipped = Math.min(this.#handshakeLeft, bytes.length);
    this.#handshakeLeft -= skipped;
    const messages: RtmpMessage[] = [];
    let data = bytes.subarray(skipped);
    if (this.#begun.length > 0) data = Buffer.concat([this.#begun, data]);
    for (let at = 0; !this.#lost;) {
      if (this.#current === undefined) {
        const size = this.#beginChunk(data.subarray(at));
        if (size === undefined) {
          this.#begun = Uint8Array.from(data.subarray(at));
          break;
        }
        at += size;
      }
      at += this.#takePayload(data.subarray(at), messages);
      if (this.#current !== undefined) {
        this.#begun = new Uint8Array();
        break;
      }
    }
    return messages;
  }

  /**
   * Starts the chunk at the beginning of `data`. Returns the length of its header; undefined while the header is
   * incomplete.
   */
  #beginChunk(data: Uint8Array): number | undefined {
    const header = readHeader(data, (id) => this.#streams.get(id)?.extended ?? false);
    if (header === undefined) return undefined;
    const known = this.#streams.get(header.id);
    if (known === undefined && header.format > 1) {
      this.#lost = true;
      return undefined;
    }
    const stream = known ?? { type: 0, length: 0, extended: false, received: 0, kept: [] };
    this.#streams.set(header.id, stream);
    stream.type = header.type ?? stream.type;
    stream.length = header.length ?? stream.length;
    stream.extended = header.extended;
    this.#current = stream;
    this.#leftInChunk = Math.min(this.#chunkSize, stream.length - stream.received);
    return header.size;
  }

  #takePayload(data: Uint8Array, messages: RtmpMessage[]): number {
    const stream = this.#current;
    if (stream === undefined) return 0;
    const taken = Math.min(this.#leftInChunk, data.length);
    if (stream.received < MAX_KEPT_BYTES) {
      stream.kept.push(Uint8Array.from(data.subarray(0, Math.min(taken, MAX_KEPT_BYTES - stream.received))));
    }
    stream.received += taken;
    this.#leftInChunk -= taken;
    if (this.#leftInChunk > 0) return taken;
    this.#current = undefined;
    if (stream.received === stream.length) {
      const message = { type: stream.type, payload: Buffer.concat(stream.kept) };
      stream.received = 0;
      stream.kept = [];
      this.#obey(message);
      messages.push(message);
    }
    return taken;
  }

  /** Applies a control message that affects how the following chunks are read. */
  #obey({ type, payload }: RtmpMessage): void {
    const value = firstNumber(payload);
    if (value === undefined) return;
    if (type === messageType.setChunkSize) this.#chunkSize = Math.max(1, value & 0x7fffffff);
    if (type === messageType.abort) {
      const aborted = this.#streams.get(value);
      if (aborted !== undefined) Object.assign(aborted, { received: 0, kept: [] });
    }
  }
}

/** The number at the start of a protocol control message: 32 bits, big endian. */
export function firstNumber(payload: Uint8Array): number | undefined {
  if (payload.length < 4) return undefined;
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0);
}

/** A message that requests the receiver to acknowledge every `bytes` bytes (RTMP 1.0 section 5.4.4). */
export function windowAcknowledgementSize(bytes: number): Buffer {
  const message = Buffer.of(
    2,
    0,
    0,
    0,
    0,
    0,
    4,
    messageType.windowAcknowledgementSize,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  );
  message.writeUInt32BE(bytes, 12);
  return message;
}

interface ChunkHeader {
  readonly id: number;
  readonly format: number;
  readonly type: number | undefined;
  readonly length: number | undefined;
  readonly extended: boolean;
  /** Size of the header in bytes. */
  readonly size: number;
}

/** Reads the basic header, message header and extended timestamp (RTMP 1.0 section 5.3.1). */
function readHeader(data: Uint8Array, extendedBefore: (id: number) => boolean): ChunkHeader | undefined {
  const [first, second = 0, third = 0] = data;
  if (first === undefined) return undefined;
  const format = first >> 6;
  const short = first & 0x3f;
  const basic = short === 0 ? 2 : short === 1 ? 3 : 1;
  if (data.length < basic) return undefined;
  const id = short === 0 ? second + 64 : short === 1 ? third * 256 + second + 64 : short;
  const fields = data.subarray(basic, basic + ([11, 7, 3, 0][format] ?? 0));
  const size = basic + ([11, 7, 3, 0][format] ?? 0);
  if (data.length < size) return undefined;
  const extended =
    format === 3 ? extendedBefore(id) : fields[0] === 0xff && fields[1] === 0xff && fields[2] === 0xff;
  const all = size + (extended ? 4 : 0);
  if (data.length < all) return undefined;
  const [, , , high = 0, middle = 0, low = 0, type] = fields;
  return {
    ...{ id, format, extended, size: all, type },
    length: format > 1 ? undefined : (high << 16) | (middle << 8) | low,
  };
}
