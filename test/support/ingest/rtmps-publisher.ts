import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export interface RtmpsPublisher extends AsyncDisposable {
  /** Exit code and what FFmpeg said, once it ended. */
  readonly ended: Promise<{ code: number | null; said: string }>;
  stop(): Promise<void>;
}

export interface RtmpsPublisherOptions {
  readonly ingestUrl: string;
  readonly streamKey: string;
  readonly caFile: string;
  readonly size?: string;
  /** Raw H.264, 25 frames a second, to be sent as it is instead of the test picture. */
  readonly h264File?: string;
}

const encoder = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '50', '-b:v', '500k'],
  ...['-pix_fmt', 'yuv420p', '-threads', '1'],
];

/** Raw H.264 whose picture changes its size every `seconds`, as a host's does when its network gets worse. */
export async function makeChangingPicture(folder: string, sizes: string[], seconds: number): Promise<string> {
  const parts = await Promise.all(
    sizes.map(async (size) => {
      const input = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25`, '-t', String(seconds)];
      const args = ['-v', 'error', ...input, ...encoder, '-f', 'h264', 'pipe:1'];
      return (await exec('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 26 })).stdout;
    }),
  );
  const file = join(folder, 'changing.h264');
  await writeFile(file, Buffer.concat(parts));
  return file;
}

/**
 * FFmpeg that publishes a moving test picture and a tone over RTMPS in real time, a keyframe every 2 s. It checks
 * the ingest's certificate, as the relay does.
 */
export function publish({
  ingestUrl,
  streamKey,
  caFile,
  size,
  h264File,
}: RtmpsPublisherOptions): RtmpsPublisher {
  const picture =
    h264File === undefined
      ? ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size ?? '320x180'}:rate=25`]
      : ['-re', '-f', 'h264', '-framerate', '25', '-i', h264File];
  const codec = h264File === undefined ? encoder : ['-c:v', 'copy', '-bsf:v', 'extract_extradata'];
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'warning', '-nostdin'],
      ...picture,
      ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
      ...codec,
      ...['-c:a', 'aac', '-shortest', '-flvflags', 'no_duration_filesize'],
      ...['-f', 'flv', '-tls_verify', '1', '-ca_file', caFile, ingestUrl + streamKey],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, said });
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    // A second one, because the first does not end a write that is blocked.
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
  };
  return { ended, stop, [Symbol.asyncDispose]: stop };
}
