/**
 * Bit strings of H.264: most significant bit first, with Exp-Golomb numbers (ITU-T H.264 section 9.1), and the bytes
 * that prevent a start code inside a NAL unit (section 7.4.1).
 */

/** Reads a raw byte sequence payload. Beyond its end, all bits are zero. */
export class BitReader {
  readonly #bytes: Uint8Array;
  /** In bits from the beginning. */
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bit(): number {
    const byte = this.#bytes[this.position >> 3] ?? 0;
    return (byte >> (7 - (this.position++ & 7))) & 1;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** An unsigned number of `count` bits, at most 32. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** ue(v) */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && this.bit() === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v) */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 0 ? 0 - code / 2 : (code + 1) / 2;
  }
}

/** Writes a raw byte sequence payload. */
export class BitWriter {
  #bytes: Uint8Array;
  #position = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  bits(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bit(Math.floor(value / 2 ** i) & 1);
    return this;
  }

  flag(value: boolean): this {
    return this.bits(value ? 1 : 0, 1);
  }

  /** ue(v) */
  unsigned(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.bits(0, length).bits(value + 1, length + 1);
  }

  /** se(v) */
  signed(value: number): this {
    return this.unsigned(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** Fills the current byte with `bit`. */
  align(bit: 0 | 1): this {
    while ((this.#position & 7) !== 0) this.#bit(bit);
    return this;
  }

  /** rbsp_trailing_bits */
  end(): this {
    return this.bits(1, 1).align(0);
  }

  /** Appends the bits of `source` from `from` up to, but not including, `to`. */
  copy(source: Uint8Array, from: number, to: number): this {
    let at = from;
    while (at < to && (at & 7) !== 0) at = this.#copyBit(source, at);
    this.#reserve(to - at);
    const shift = this.#position & 7;
    for (; at + 8 <= to; at += 8) {
      const byte = source[at >> 3] ?? 0;
      const index = this.#position >> 3;
      this.#bytes[index] = (this.#bytes[index] ?? 0) | (byte >> shift);
      if (shift > 0) this.#bytes[index + 1] = (byte << (8 - shift)) & 0xff;
      this.#position += 8;
    }
    while (at < to) at = this.#copyBit(source, at);
    return this;
  }

  /** The bytes written; the last one is padded with zeros. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, (this.#position + 7) >> 3);
  }

  #copyBit(source: Uint8Array, at: number): number {
    this.#bit(((source[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return at + 1;
  }

  #bit(bit: number): void {
    this.#reserve(1);
    const index = this.#position >> 3;
    this.#bytes[index] = (this.#bytes[index] ?? 0) | (bit << (7 - (this.#position & 7)));
    this.#position++;
  }

  #reserve(bits: number): void {
    const needed = ((this.#position + bits) >> 3) + 2;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** The payload of a NAL unit, without emulation prevention bytes. */
export function unescape(payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(payload.length);
  let length = 0;
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** A NAL unit with its start code: the header byte and the payload, with emulation prevention. */
export function nalUnit(header: number, payload: Uint8Array): Uint8Array {
  let end = payload.length;
  while (end > 0 && payload[end - 1] === 0) end--; // a NAL unit never ends in zeros
  const out = new Uint8Array(5 + Math.ceil(end * 1.5));
  out.set([0, 0, 0, 1, header]);
  let length = 5;
  let zeros = 0;
  for (const byte of payload.subarray(0, end)) {
    if (zeros >= 2 && byte <= 3) {
      out[length++] = 3;
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}
