/**
 * An MPEG-TS multiplexer (ISO/IEC 13818-1) for exactly one H.264 and one Opus stream. MPEG-TS, because FFmpeg reads it
 * from a pipe without seeking, it takes H.264 as WebRTC gives it (Annex B), and parameter sets may change in it.
 */
const PACKET_BYTES = 188;
const SYNC = 0x47;
const PID_PAT = 0x0000;
const PID_PMT = 0x1000;
const PID_VIDEO = 0x0100;
const PID_AUDIO = 0x0101;
const STREAM_H264 = 0x1b;
const STREAM_PRIVATE_PES = 0x06;
const PES_VIDEO = 0xe0;
const PES_PRIVATE_1 = 0xbd;
const TICKS_PER_MS = 90;
const TIMESTAMP_RANGE = 2 ** 33;
/** The clock reference runs this far behind the timestamps, as a decoder's buffer would. */
const PCR_DELAY_TICKS = 100 * TICKS_PER_MS;
/** Tables are sent before every key frame and at least this often. */
const TABLES_EVERY_MS = 500;

export class MpegTsMuxer {
  readonly #counters = new Map<number, number>();
  #tablesAt = -Infinity;

  /** One access unit, Annex B. `timeMs` is presentation and decoding time: WebRTC has no B-frames. */
  video(accessUnit: Uint8Array, timeMs: number, key: boolean): Buffer {
    const ticks = Math.round(timeMs * TICKS_PER_MS);
    const packets = this.#packets(PID_VIDEO, pes(PES_VIDEO, accessUnit, ticks), { pcr: ticks, random: key });
    return key ? Buffer.concat([this.#tables(timeMs), packets]) : this.#withTables(timeMs, packets);
  }

  /** One Opus packet. */
  audio(packet: Uint8Array, timeMs: number): Buffer {
    const unit = Buffer.concat([opusControlHeader(packet.length), packet]);
    const ticks = Math.round(timeMs * TICKS_PER_MS);
    return this.#withTables(
      timeMs,
      this.#packets(PID_AUDIO, pes(PES_PRIVATE_1, unit, ticks), { random: true }),
    );
  }

  #withTables(timeMs: number, packets: Buffer): Buffer {
    return timeMs - this.#tablesAt < TABLES_EVERY_MS
      ? packets
      : Buffer.concat([this.#tables(timeMs), packets]);
  }

  #tables(timeMs: number): Buffer {
    this.#tablesAt = timeMs;
    return Buffer.concat([
      this.#packets(PID_PAT, Buffer.concat([Buffer.of(0), programAssociation]), {}),
      this.#packets(PID_PMT, Buffer.concat([Buffer.of(0), programMap]), {}),
    ]);
  }

  /** Cuts a payload into packets; the last one is filled up with adaptation field stuffing. */
  #packets(pid: number, payload: Uint8Array, first: { pcr?: number; random?: boolean }): Buffer {
    const out: Buffer[] = [];
    for (let at = 0; at < payload.length;) {
      const start = at === 0;
      const adaptation = start ? adaptationField(first) : Buffer.alloc(0);
      const room = PACKET_BYTES - 4 - adaptation.length;
      const taken = Math.min(room, payload.length - at);
      const stuffed = stuff(adaptation, room - taken);
      const counter = this.#counters.get(pid) ?? 0;
      this.#counters.set(pid, (counter + 1) & 0x0f);
      const control = (stuffed.length > 0 ? 0x30 : 0x10) | counter;
      out.push(
        Buffer.of(SYNC, (start ? 0x40 : 0) | (pid >> 8), pid & 0xff, control),
        stuffed,
        Buffer.from(payload.buffer, payload.byteOffset + at, taken),
      );
      at += taken;
    }
    return Buffer.concat(out);
  }
}

/** The adaptation field with its length byte; empty when there is nothing to say. */
function adaptationField({ pcr, random }: { pcr?: number; random?: boolean }): Buffer {
  if (pcr === undefined && random !== true) return Buffer.alloc(0);
  const flags = (random === true ? 0x40 : 0) | (pcr === undefined ? 0 : 0x10);
  const clock = pcr === undefined ? Buffer.alloc(0) : clockReference(pcr - PCR_DELAY_TICKS);
  return Buffer.concat([Buffer.of(1 + clock.length, flags), clock]);
}

function stuff(adaptation: Buffer, missing: number): Buffer {
  if (missing === 0) return adaptation;
  if (adaptation.length > 0) {
    const longer = Buffer.concat([adaptation, Buffer.alloc(missing, 0xff)]);
    longer[0] = longer.length - 1;
    return longer;
  }
  if (missing === 1) return Buffer.of(0);
  return Buffer.concat([Buffer.of(missing - 1, 0), Buffer.alloc(missing - 2, 0xff)]);
}

/** Program clock reference: 33 bits of 90 kHz, 6 reserved, 9 bits of 27 MHz that stay 0. */
function clockReference(ticks: number): Buffer {
  const base = BigInt(wrap(ticks));
  const out = Buffer.alloc(6);
  out.writeUIntBE(Number((base << 15n) | (0x3fn << 9n)), 0, 6);
  return out;
}

function pes(streamId: number, payload: Uint8Array, ticks: number): Buffer {
  const body = payload.length + 8;
  const header = Buffer.from([0, 0, 1, streamId, 0, 0, 0x84, 0x80, 5, ...presentationTime(ticks)]);
  // A video packet may be longer than the field can say; 0 then means "until the next one starts".
  header.writeUInt16BE(body <= 0xffff ? body : 0, 4);
  return Buffer.concat([header, payload]);
}

function presentationTime(ticks: number): number[] {
  const t = wrap(ticks);
  const high = Math.floor(t / 2 ** 30);
  return [
    0x21 | (high << 1),
    (t >> 22) & 0xff,
    ((t >> 14) & 0xfe) | 1,
    (t >> 7) & 0xff,
    ((t << 1) & 0xfe) | 1,
  ];
}

function wrap(ticks: number): number {
  return ((ticks % TIMESTAMP_RANGE) + TIMESTAMP_RANGE) % TIMESTAMP_RANGE;
}

/** opus_control_header of "ETSI TS Opus" as FFmpeg and GStreamer read it: prefix 0x3ff, no trims, then the size. */
function opusControlHeader(size: number): Buffer {
  const full = Math.floor(size / 255);
  return Buffer.concat([Buffer.of(0x7f, 0xe0), Buffer.alloc(full, 0xff), Buffer.of(size % 255)]);
}

function section(tableId: number, body: readonly number[]): Buffer {
  const length = body.length + 4;
  const head = Buffer.from([tableId, 0xb0 | (length >> 8), length & 0xff, ...body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(head));
  return Buffer.concat([head, checksum]);
}

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

const pidBytes = (pid: number): [number, number] => [0xe0 | (pid >> 8), pid & 0xff];

const programAssociation = section(0x00, [0, 1, 0xc1, 0, 0, 0, 1, ...pidBytes(PID_PMT)]);

const opusDescriptors = [
  ...[0x05, 4, ...Buffer.from('Opus')], // registration descriptor
  ...[0x7f, 2, 0x80, 2], // extension descriptor: Opus, channel configuration 2 = stereo
];

const programMap = section(0x02, [
  ...[0, 1, 0xc1, 0, 0, ...pidBytes(PID_VIDEO), 0xf0, 0],
  ...[STREAM_H264, ...pidBytes(PID_VIDEO), 0xf0, 0],
  ...[STREAM_PRIVATE_PES, ...pidBytes(PID_AUDIO), 0xf0, opusDescriptors.length, ...opusDescriptors],
]);
