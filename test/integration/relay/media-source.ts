import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { EncodedFrame } from '../../../src/relay/frame-protocol.ts';
import { nalUnits } from '../../../src/relay/media/h264.ts';
import type { VideoCodec } from '../../../src/relay/media/packet.ts';

const run = promisify(execFile);

const packetSchema = z.object({
  codec_type: z.string(),
  pts_time: z.string(),
  flags: z.string(),
  data: z.string(),
});
const probeSchema = z.object({ packets: z.array(packetSchema) });

/**
 * Encoder options that imitate a browser's encoder for each codec: no reordered frames, parameter sets in the
 * keyframes.
 */
const ENCODERS: Readonly<
  Record<VideoCodec, { readonly options: readonly string[]; readonly format: string }>
> = {
  h264: {
    options: ['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-bf', '0'],
    format: 'mpegts',
  },
  h265: { options: ['-c:v', 'libx265', '-preset', 'ultrafast'], format: 'mpegts' },
  vp8: { options: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8'], format: 'matroska' },
  vp9: { options: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'], format: 'matroska' },
  av1: { options: ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8'], format: 'matroska' },
};
const HEADERS: Partial<Readonly<Record<VideoCodec, readonly string[]>>> = {
  h264: ['-x264-params', 'repeat-headers=1:annexb=1'],
  h265: ['-x265-params', 'log-level=none:bframes=0:repeat-headers=1'],
};
const MIME_TYPES: Readonly<Record<VideoCodec, string>> = {
  ...{ h264: 'video/H264', h265: 'video/H265', vp8: 'video/VP8', vp9: 'video/VP9', av1: 'video/AV1' },
};

export interface SourceOptions {
  /** Path of the encoded file. */
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  /** Default h264. */
  readonly codec?: VideoCodec | undefined;
  /** Encoder options, after those that imitate a browser's. */
  readonly encoderOptions?: readonly string[] | undefined;
}

/** Seconds of a moving video and a tone, encoded as by a browser: frames with the time at which each is due. */
export async function encodedFrames(
  options: SourceOptions,
): Promise<{ atMs: number; frame: EncodedFrame }[]> {
  const { file, width, height, seconds, codec = 'h264', encoderOptions = [] } = options;
  const { options: encoder, format } = ENCODERS[codec];
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc=size=${String(width)}x${String(height)}:rate=25`],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', String(seconds)],
    ...['-pix_fmt', 'yuv420p', ...encoder, '-g', '25', ...(HEADERS[codec] ?? []), ...encoderOptions],
    ...['-c:a', 'libopus', '-f', format, file],
  ]);
  const packets = await readPackets(file);
  return packets
    .map(({ kind, atMs, key, data }) => ({
      atMs,
      frame: {
        ...{ kind, key: kind === 'video' && key, receiver: kind === 'video' ? 1 : 2, ssrc: 1, ageMs: 0 },
        ...{ rtpTimestamp: Math.round(atMs * (kind === 'video' ? 90 : 48)) >>> 0, width, height, data },
        mimeType: kind === 'video' ? MIME_TYPES[codec] : 'audio/opus',
      },
    }))
    .toSorted((a, b) => a.atMs - b.atMs);
}

export interface StoredPacket {
  readonly kind: 'video' | 'audio';
  readonly atMs: number;
  readonly key: boolean;
  readonly data: Uint8Array;
}

/** The packets of a media file as stored. */
export async function readPackets(file: string): Promise<StoredPacket[]> {
  const { stdout } = await run(
    'ffprobe',
    [
      '-v',
      'error',
      '-show_packets',
      '-show_data',
      '-show_entries',
      'packet=codec_type,pts_time,flags,data',
      '-of',
      'json',
      file,
    ],
    { maxBuffer: 256 * 1024 * 1024 },
  );
  const { packets } = probeSchema.parse(JSON.parse(stdout));
  return packets.map((packet) => ({
    kind: packet.codec_type === 'video' ? 'video' : 'audio',
    atMs: Number(packet.pts_time) * 1_000,
    key: packet.flags.startsWith('K'),
    data: fromDump(packet.data),
  }));
}

/** Lines of ffprobe's hex dump: "00000010: 4f70 7573 ...  text". */
function fromDump(dump: string): Uint8Array {
  const lines = dump.split('\n').filter((line) => line !== '');
  return Buffer.from(lines.map((line) => line.slice(10, 49).replaceAll(' ', '')).join(''), 'hex');
}

/** The NAL units of a packet in FLV's format: each with its length before it. */
export function* lengthPrefixedNalUnits(data: Uint8Array): Generator<Uint8Array> {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + 4 <= buffer.length;) {
    const length = buffer.readUInt32BE(at);
    yield buffer.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}

export const hexNalUnits = (accessUnit: Uint8Array): string[] => [...nalUnits(accessUnit)].map(hex);
export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
