import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { MAX_FRAME_SIDE } from './frame-size.ts';
import { nalType, nalUnits, NAL_IDR, NAL_PPS, NAL_SPS, parameterSets } from './h264.ts';
import type { Keyframe } from './still-frame.ts';
import { CodedError } from '../../base/errors.ts';

/** The image that is shown while a host sends no video, as an encoded keyframe. */
export type Slate = Keyframe;

/** What to encode. */
export interface SlateOptions {
  /** Path or name of the FFmpeg binary. */
  readonly ffmpeg: string;
  /** PNG or JPEG file. */
  readonly file: string;
  /** Pixels, even. */
  readonly width: number;
  readonly height: number;
  readonly signal: AbortSignal;
}

const MAX_BYTES = 16 * 1024 * 1024;
/** A small file can hold a large image, which FFmpeg keeps in memory. This is more than the cameras of phones have. */
const MAX_IMAGE_PIXELS = MAX_FRAME_SIDE * MAX_FRAME_SIDE;
const TIMEOUT_MS = 20_000;

const IMAGE_FORMATS = [
  { demuxer: 'png_pipe', magic: '89504e470d0a1a0a' },
  { demuxer: 'jpeg_pipe', magic: 'ffd8ff' },
] as const;

/** The file cannot be shown: it is not an image, or FFmpeg cannot convert it. */
export class SlateInvalid extends CodedError {
  readonly code = 'SLATE_INVALID';
  readonly retryable = false;
}

/**
 * Encodes an image as one H.264 keyframe, fitted into the size with black bars.
 * @throws SlateInvalid, and errors of reading the file
 */
export async function encodeSlate({ ffmpeg, file, width, height, signal }: SlateOptions): Promise<Slate> {
  const image = await readFile(file, { signal });
  const start = image.subarray(0, 8).toString('hex');
  const kind = IMAGE_FORMATS.find(({ magic }) => start.startsWith(magic));
  if (kind === undefined || image.length > MAX_BYTES) {
    const limit = `${MAX_BYTES / 1024 / 1024} MiB`;
    throw new SlateInvalid(`The slate ${file} is not a PNG or JPEG image of at most ${limit}.`);
  }
  const encoded = await run(ffmpeg, ffmpegArguments(kind.demuxer, width, height), image, signal);
  // x264 writes a description of itself into the stream, which is removed.
  const wanted = [...nalUnits(encoded.output)].filter((nal) =>
    [NAL_SPS, NAL_PPS, NAL_IDR].includes(nalType(nal)),
  );
  const data = Buffer.concat(wanted.flatMap((nal) => [Uint8Array.of(0, 0, 0, 1), nal]));
  const sets = parameterSets(data);
  if (encoded.code !== 0 || sets === undefined) {
    throw new SlateInvalid(
      `FFmpeg cannot convert the slate ${file}: ${encoded.log}. Use another PNG or JPEG file.`,
    );
  }
  return { data, format: { codec: 'h264', width, height, parameterSets: sets } };
}

function ffmpegArguments(demuxer: string, width: number, height: number): string[] {
  const size = `${width}:${height}`;
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'error', '-max_pixels', `${MAX_IMAGE_PIXELS}`],
    ...['-f', demuxer, '-i', 'pipe:0', '-frames:v', '1'],
    ...[
      '-vf',
      `scale=${size}:force_original_aspect_ratio=decrease,pad=${size}:-1:-1,setsar=1,format=yuv420p`,
    ],
    // Baseline: it supports repeating a frame in a few bytes. One thread: there is one frame.
    ...['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'medium', '-crf', '20', '-threads', '1'],
    ...['-f', 'h264', 'pipe:1'],
  ];
}

async function run(
  program: string,
  args: readonly string[],
  input: Uint8Array,
  signal: AbortSignal,
): Promise<{ code: number | null; output: Buffer; log: string }> {
  const child = spawn(program, args, {
    stdio: 'pipe',
    env: { PATH: process.env['PATH'] },
    killSignal: 'SIGKILL',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const output: Buffer[] = [];
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-2_000)));
  child.stdin.on('error', () => {
    // FFmpeg needs no more input, or has exited; its exit code shows which.
  });
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    // An abort is an error as well: the process is then still there for a moment.
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    child.once('close', (exitCode) => {
      if (failure === undefined) resolve(exitCode);
      else reject(failure);
    });
  });
  return { code, output: Buffer.concat(output), log: log.trim().split('\n').at(-1) ?? '' };
}
