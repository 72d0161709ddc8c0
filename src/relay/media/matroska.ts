import type { VideoCodec, VideoFormat } from './packet.ts';

/**
 * A live Matroska multiplexer (RFC 9559) for exactly one video track and one Opus track, written to a pipe for
 * FFmpeg.
 *
 * Matroska is used because its blocks carry their length: FFmpeg passes each frame on when its last byte has arrived,
 * whereas it would hold back a frame in MPEG-TS until the next one begins. The tracks are described at the start, so
 * FFmpeg begins without analyzing the stream first.
 *
 * H.264 and H.265 frames stay in Annex B, and so do the parameter sets in CodecPrivate, although the specification
 * requires the avcC form: FFmpeg accepts both, and only in Annex B does it detect parameter sets that change within
 * the stream. The keyframes of the other codecs contain everything that a decoder needs.
 */
const TRACK_VIDEO = 1;
const TRACK_AUDIO = 2;
/** The time of a block is 16 bits relative to its cluster. */
const CLUSTER_MAX_MS = 30_000;
/** Blocks of a track may be a little older than their cluster. */
const CLUSTER_MIN_MS = -30_000;

const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
} as const;

/** draft-ietf-cellar-codec, section 5.2, the companion of RFC 9559. */
const CODEC_IDS: Readonly<Record<VideoCodec, string>> = {
  h264: 'V_MPEG4/ISO/AVC',
  h265: 'V_MPEGH/ISO/HEVC',
  vp8: 'V_VP8',
  vp9: 'V_VP9',
  av1: 'V_AV1',
};

/** Multiplexes one session. The header must be written first. */
export class MatroskaMuxer {
  #clusterMs: number | undefined;

  /** The header with the description of both tracks. */
  header(video: VideoFormat): Buffer {
    return Buffer.concat([
      element(
        ID.ebml,
        number(0x4286, 1), // EBMLVersion
        number(0x42f7, 1), // EBMLReadVersion
        number(0x42f2, 4), // EBMLMaxIDLength
        number(0x42f3, 8), // EBMLMaxSizeLength
        text(0x4282, 'matroska'), // DocType
        number(0x4287, 4), // DocTypeVersion
        number(0x4285, 2), // DocTypeReadVersion
      ),
      unbounded(ID.segment),
      element(ID.info, number(0x2ad7b1, 1_000_000), text(0x4d80, 'livechannel'), text(0x5741, 'livechannel')),
      element(ID.tracks, videoTrack(video), audioTrack()),
    ]);
  }

  /** One access unit (H.264 and H.265: Annex B). `timeMs` is presentation and decoding time: WebRTC has no B-frames. */
  video(accessUnit: Uint8Array, timeMs: number, key: boolean): Buffer {
    return this.#block(TRACK_VIDEO, accessUnit, timeMs, key);
  }

  /** One Opus packet. */
  audio(packet: Uint8Array, timeMs: number): Buffer {
    return this.#block(TRACK_AUDIO, packet, timeMs, true);
  }

  #block(track: number, data: Uint8Array, exactMs: number, key: boolean): Buffer {
    const timeMs = Math.round(exactMs);
    const begin = this.#clusterFor(timeMs);
    const head = Buffer.of(0x80 | track, 0, 0, key ? 0x80 : 0);
    head.writeInt16BE(timeMs - (this.#clusterMs ?? timeMs), 1);
    return Buffer.concat([begin, element(ID.simpleBlock, head, data)]);
  }

  /** Starts a new cluster if the time is out of the range of the current one. */
  #clusterFor(timeMs: number): Buffer {
    const relative = this.#clusterMs === undefined ? Infinity : timeMs - this.#clusterMs;
    if (relative >= CLUSTER_MIN_MS && relative <= CLUSTER_MAX_MS) return Buffer.alloc(0);
    this.#clusterMs = timeMs;
    return Buffer.concat([unbounded(ID.cluster), number(ID.timestamp, timeMs)]);
  }
}

function videoTrack({ codec, parameterSets, width, height }: VideoFormat): Buffer {
  const startCode = Buffer.of(0, 0, 0, 1);
  const sets = parameterSets && [startCode, parameterSets.sps, startCode, parameterSets.pps];
  return element(
    ID.trackEntry,
    number(0xd7, TRACK_VIDEO),
    number(0x73c5, TRACK_VIDEO), // TrackUID
    number(0x83, 1), // TrackType: video
    number(0x9c, 0), // FlagLacing
    text(0x86, CODEC_IDS[codec]),
    sets === undefined ? Buffer.alloc(0) : element(0x63a2, ...sets), // CodecPrivate
    element(0xe0, number(0xb0, width), number(0xba, height)),
  );
}

function audioTrack(): Buffer {
  // OpusHead (RFC 7845 section 5.1): version 1, stereo, no pre-skip, 48 kHz, no gain, mapping family 0.
  const opusHead = Buffer.from([...Buffer.from('OpusHead'), 1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]);
  const sampleRate = Buffer.alloc(8);
  sampleRate.writeDoubleBE(48_000);
  return element(
    ID.trackEntry,
    number(0xd7, TRACK_AUDIO),
    number(0x73c5, TRACK_AUDIO),
    number(0x83, 2), // TrackType: audio
    number(0x9c, 0),
    text(0x86, 'A_OPUS'),
    element(0x63a2, opusHead),
    element(0xe1, element(0xb5, sampleRate), number(0x9f, 2)),
  );
}

function element(id: number, ...content: readonly Uint8Array[]): Buffer {
  const size = content.reduce((sum, part) => sum + part.length, 0);
  // A size is a number with a marker bit before it; four bytes are enough for a block.
  const length = Buffer.alloc(4);
  length.writeUInt32BE(0x10000000 + size);
  return Buffer.concat([idBytes(id), length, ...content]);
}

/** An element without a size, which ends where the next one of its level begins. */
function unbounded(id: number): Buffer {
  return Buffer.concat([idBytes(id), Buffer.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)]);
}

const idBytes = (id: number): Buffer => unsigned(id);
const number = (id: number, value: number): Buffer => element(id, unsigned(value));
const text = (id: number, value: string): Buffer => element(id, Buffer.from(value));

/** Big endian, in as few bytes as possible. */
function unsigned(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from(bytes.length === 0 ? [0] : bytes);
}
