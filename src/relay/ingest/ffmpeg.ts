import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { publishingName, targetUrl, type IngestTarget } from './ingest-target.ts';

/** Number of the file descriptor on which FFmpeg finds its preset, see openPreset. */
const PRESET_FD = 3;

export interface EncoderProcess {
  readonly pid: number;
  /** Matroska goes in here. */
  readonly input: Writable;
  readonly log: Readable;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts FFmpeg: Matroska on stdin, pictures copied, sound from Opus to AAC, RTMP to the tunnel's port.
 * @throws when the program cannot be started
 */
export async function startFfmpeg(
  binary: string,
  target: IngestTarget,
  tunnelPort: number,
): Promise<EncoderProcess> {
  const preset = await openPreset(target);
  try {
    const child = spawn(binary, ffmpegArguments(target, tunnelPort), {
      stdio: ['pipe', 'ignore', 'pipe', preset.fd],
      // Nothing of the relay's environment is FFmpeg's business.
      env: { PATH: process.env['PATH'] },
    });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return encoderProcess(child);
  } finally {
    await preset.close();
  }
}

function encoderProcess(child: ChildProcess): EncoderProcess {
  const { pid, stdin, stderr } = child;
  if (pid === undefined || stdin === null || stderr === null) throw new Error('FFmpeg has no pipes.');
  stdin.on('error', () => {
    // The process is gone; `exited` says so.
  });
  return {
    pid,
    input: stdin,
    log: stderr,
    exited: new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
    kill: (signal) => child.kill(signal),
  };
}

export function ffmpegArguments(target: IngestTarget, tunnelPort: number): string[] {
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'warning'],
    // The header says all there is to know: no frame rate is guessed, nothing is watched first.
    ...['-analyzeduration', '500000', '-probesize', '1000000', '-fpsprobesize', '0'],
    ...['-f', 'matroska', '-i', 'pipe:0'],
    ...['-map', '0:v:0', '-map', '0:a:0'],
    // extract_extradata makes a change of resolution come out as a new sequence header.
    ...['-c:v', 'copy', '-bsf:v', 'extract_extradata'],
    ...['-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2', '-af', 'aresample=async=1000'],
    ...['-flush_packets', '1', '-max_interleave_delta', '1000000'],
    ...['-fpre', `/proc/self/fd/${PRESET_FD}`, '-rtmp_tcurl', targetUrl(target)],
    ...[
      '-tcp_nodelay',
      '1',
      '-f',
      'flv',
      '-flvflags',
      'no_duration_filesize',
      `rtmp://127.0.0.1:${tunnelPort}/${target.app}/`,
    ],
  ];
}

/**
 * The stream key reaches FFmpeg in a preset, a file of options, that has no name any more when FFmpeg reads it:
 * arguments and environment can be read by others, and a named file would outlive a crash.
 */
async function openPreset(target: IngestTarget): Promise<FileHandle> {
  const path = join(tmpdir(), `livechannel-${randomUUID()}`);
  const writer = await open(path, 'wx', 0o600);
  try {
    await writer.writeFile(`rtmp_playpath=${publishingName(target).reveal()}\n`);
    return await open(path, 'r');
  } finally {
    await unlink(path);
    await writer.close();
  }
}
