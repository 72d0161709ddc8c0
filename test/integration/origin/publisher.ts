import { spawn } from 'node:child_process';

export interface Publisher extends AsyncDisposable {
  /** Exit code and what FFmpeg said, once it ended. */
  readonly ended: Promise<{ code: number | null; said: string }>;
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly ingestUrl: string;
  readonly streamKey: string;
  readonly caFile: string;
  readonly size?: string;
}

/**
 * FFmpeg that publishes a moving test picture and a tone over RTMPS in real time, a key frame every 2 s. It checks
 * the ingest's certificate, as the relay does.
 */
export function publish({ ingestUrl, streamKey, caFile, size = '320x180' }: PublisherOptions): Publisher {
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'warning', '-nostdin'],
      ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25`],
      ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '50', '-b:v', '500k'],
      ...['-pix_fmt', 'yuv420p', '-threads', '1', '-c:a', 'aac', '-flvflags', 'no_duration_filesize'],
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
