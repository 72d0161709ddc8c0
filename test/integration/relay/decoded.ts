import { spawn } from 'node:child_process';
import { MatroskaMuxer } from '../../../src/relay/media/matroska.ts';
import type { MediaPacket } from '../../../src/relay/media/packet.ts';

/** The input of a relay's FFmpeg for these packets, from the first keyframe on. */
export function matroska(packets: readonly MediaPacket[]): Buffer {
  const muxer = new MatroskaMuxer();
  const begin = packets.findIndex(({ format }) => format !== undefined);
  const [first] = packets.slice(begin, begin + 1);
  if (first?.format === undefined) throw new Error('There is no keyframe among the packets.');
  const parts = [muxer.header(first.format)];
  for (const { kind, data, timeMs, format } of packets.slice(begin)) {
    const at = timeMs - first.timeMs;
    if (at < 0) continue;
    parts.push(kind === 'video' ? muxer.video(data, at, format !== undefined) : muxer.audio(data, at));
  }
  return Buffer.concat(parts);
}

/** The input as FLV with the video copied, as a relay in passthrough forwards it. */
export const passedOn = (input: Uint8Array): Promise<{ output: Buffer; log: string }> =>
  ffmpeg(
    [
      ...['-f', 'matroska', '-i', 'pipe:0', '-c:v', 'copy', '-bsf:v', 'extract_extradata'],
      ...['-c:a', 'aac', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'],
    ],
    input,
  );

export interface DecodedPicture {
  readonly atMs: number;
  /** Of its pixels. */
  readonly checksum: string;
}

/** Every frame of some media, with the decoder's log. */
export async function decoded(input: Uint8Array): Promise<{ pictures: DecodedPicture[]; log: string }> {
  const { output, log } = await ffmpeg(
    [
      '-i',
      'pipe:0',
      '-map',
      '0:v',
      '-fps_mode',
      'passthrough',
      '-enc_time_base',
      '1:1000',
      '-f',
      'framemd5',
      '-',
    ],
    input,
  );
  const lines = output
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const pictures = lines.map((line) => {
    const [, , pts, , , checksum = ''] = line.split(',').map((field) => field.trim());
    return { atMs: Number(pts), checksum };
  });
  return { pictures, log };
}

/** The first frame's pixels: luma (16 is black), then the two chroma planes (128 is neutral) at half the size. */
export async function pixels(input: Uint8Array): Promise<Buffer> {
  const args = [
    '-i',
    'pipe:0',
    '-map',
    '0:v',
    '-frames:v',
    '1',
    '-pix_fmt',
    'yuv420p',
    '-f',
    'rawvideo',
    '-',
  ];
  return (await ffmpeg(args, input)).output;
}

async function ffmpeg(args: readonly string[], input: Uint8Array): Promise<{ output: Buffer; log: string }> {
  const child = spawn('ffmpeg', ['-hide_banner', '-nostats', '-loglevel', 'warning', ...args], {
    stdio: 'pipe',
  });
  const output: Buffer[] = [];
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stdin.on('error', () => {
    // FFmpeg has exited; its output is checked.
  });
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`ffmpeg ${args.join(' ')} exited with ${String(code)}: ${log}`);
  return { output: Buffer.concat(output), log };
}
