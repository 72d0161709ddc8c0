import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { MAX_FRAME_PIXELS } from '../media/frame-size.ts';
import type { SessionPlan, TranscodePlan } from './session-plan.ts';
import { publishingName, targetUrl, type IngestTarget } from './ingest-target.ts';

/** File descriptor from which FFmpeg reads its preset, see openPreset. */
const PRESET_FD = 3;

/** A running FFmpeg. */
export interface EncoderProcess {
  readonly pid: number;
  /** Accepts Matroska. */
  readonly input: Writable;
  readonly log: Readable;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
}

/** What one FFmpeg process has to do. */
export interface EncoderJob {
  readonly target: IngestTarget;
  readonly tunnelPort: number;
  readonly plan: SessionPlan;
  /**
   * Duration at the start of the input, in milliseconds, that is only decoded: the session before has already sent
   * it, and encoding it again would repeat it. Applies to a transcode only, because a copy has to begin at a
   * keyframe.
   */
  readonly skipMs: number;
  /** Number of threads for the video encoder. */
  readonly threads: number;
}

/**
 * Starts FFmpeg: Matroska on stdin, video according to the plan, audio from Opus to AAC, RTMP to the tunnel's port.
 * @throws when the program cannot be started
 */
export async function startFfmpeg(binary: string, job: EncoderJob): Promise<EncoderProcess> {
  const preset = await openPreset(job.target);
  try {
    const child = spawn(binary, ffmpegArguments(job), {
      stdio: ['pipe', 'ignore', 'pipe', preset.fd],
      // FFmpeg needs nothing of the relay's environment.
      env: { PATH: process.env['PATH'] },
    });
    await started(child);
    return encoderProcess(child);
  } finally {
    await preset.close();
  }
}

/** @throws when the program cannot be started */
async function started(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
}

function encoderProcess(child: ChildProcess): EncoderProcess {
  const { pid, stdin, stderr } = child;
  if (pid === undefined || stdin === null || stderr === null) throw new Error('FFmpeg has no pipes.');
  stdin.on('error', () => {
    // The process has exited, which `exited` reports.
  });
  return {
    pid,
    input: stdin,
    log: stderr,
    exited: new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
    kill: (signal) => child.kill(signal),
  };
}

/** The command line of FFmpeg. It contains no stream key. */
export function ffmpegArguments({ target, tunnelPort, plan, skipMs, threads }: EncoderJob): string[] {
  return [
    ...inputArguments(),
    ...(plan.mode === 'transcode' ? decoderArguments(threads) : []),
    ...['-f', 'matroska', '-i', 'pipe:0'],
    ...['-map', '0:v:0', '-map', '0:a:0'],
    ...(plan.mode === 'transcode'
      ? encoderArguments(plan, skipMs, threads)
      : // extract_extradata turns a change of resolution into a new sequence header.
        ['-c:v', 'copy', '-bsf:v', 'extract_extradata']),
    // FFmpeg's documentation recommends this coder from 64 kbit/s on; it needs half the CPU time.
    ...['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '128k', '-ar', '48000', '-ac', '2'],
    ...['-af', 'aresample=async=1000'],
    // Audio leaves its encoder about 60 ms late. Frames wait for it for half that time, and players do the rest.
    ...['-flush_packets', '1', '-max_interleave_delta', '30000'],
    ...['-fpre', `/proc/self/fd/${PRESET_FD}`, '-rtmp_tcurl', targetUrl(target)],
    ...['-tcp_nodelay', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize'],
    `rtmp://127.0.0.1:${tunnelPort}/${target.app}/`,
  ];
}

/** An FFmpeg that encodes video again. */
export interface ReencoderProcess extends Pick<EncoderProcess, 'input' | 'log' | 'kill'> {
  /** FLV. */
  readonly output: Readable;
  /** Resolves when the process has exited and its output has been read. */
  readonly closed: EncoderProcess['exited'];
}

/** What a ReencoderProcess has to do; see EncoderJob. */
export type ReencoderJob = Pick<EncoderJob, 'skipMs' | 'threads'> & { readonly plan: TranscodePlan };

/**
 * Starts FFmpeg: Matroska on stdin, the same video at another bitrate as FLV on stdout. FLV, because its frames have
 * their length before them and times in milliseconds, so that each can be passed on when its last byte arrives.
 * @throws when the program cannot be started
 */
export async function startReencoder(binary: string, job: ReencoderJob): Promise<ReencoderProcess> {
  const child = spawn(binary, reencoderArguments(job), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  await started(child);
  return {
    ...encoderProcess(child),
    output: child.stdout,
    closed: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
  };
}

/** The command line of a ReencoderProcess. */
export function reencoderArguments({ plan, skipMs, threads }: ReencoderJob): string[] {
  return [
    ...inputArguments(),
    ...decoderArguments(threads),
    ...['-f', 'matroska', '-i', 'pipe:0', '-map', '0:v:0'],
    ...encoderArguments(plan, skipMs, threads),
    ...['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'],
  ];
}

function inputArguments(): string[] {
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'warning'],
    // The header contains everything that FFmpeg needs: it need not guess a frame rate or analyze the stream first.
    ...['-analyzeduration', '500000', '-probesize', '1000000', '-fpsprobesize', '0'],
  ];
}

/**
 * Makes the decoder emit each frame immediately: threads that decode several frames at a time would delay as many
 * frames.
 */
function decoderArguments(threads: number): string[] {
  return [
    ...['-flags:v', 'low_delay', '-thread_type:v', 'slice', '-threads:v', `${threads}`],
    // What the frames themselves claim is only known here, except in H.264.
    ...['-max_pixels:v', `${MAX_FRAME_PIXELS}`],
  ];
}

/**
 * Encoder settings that every platform accepts (IVS "Streaming configuration", Cloudflare "Start a live stream"):
 * H.264 Main without B-frames, closed GOPs of a fixed length, no extra keyframes on scene changes, at most one second
 * of bits buffered, BT.709.
 */
function encoderArguments(plan: TranscodePlan, skipMs: number, threads: number): string[] {
  const { width, height, frameRate, videoBitrateKbps, keyframeSeconds, constantBitrate } = plan;
  const group = `${Math.max(1, Math.round(frameRate * keyframeSeconds))}`;
  const filters = [
    // When a browser does not signal the color matrix of its frames, it used BT.601, which is also swscale's default.
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bicubic:out_color_matrix=bt709:out_range=tv`,
    `pad=${width}:${height}:-1:-1`,
    'setsar=1',
    'format=yuv420p',
  ];
  return [
    ...(skipMs > 0 ? ['-ss', (skipMs / 1_000).toFixed(3)] : []),
    ...['-vf', filters.join(','), '-fps_mode', 'cfr', '-r', `${frameRate}`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'main'],
    ...[
      '-threads:v',
      `${threads}`,
      '-g',
      group,
      '-keyint_min',
      group,
      '-sc_threshold',
      '0',
      '-flags:v',
      '+cgop',
    ],
    ...[
      '-b:v',
      `${videoBitrateKbps}k`,
      '-maxrate',
      `${videoBitrateKbps}k`,
      '-bufsize',
      `${videoBitrateKbps}k`,
    ],
    ...(constantBitrate ? ['-nal-hrd', 'cbr'] : []),
    ...['-color_range', 'tv', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
  ];
}

/**
 * Passes the stream key to FFmpeg in a preset, a file of options that is already unlinked when FFmpeg reads it. Other
 * processes can read arguments and the environment, and a named file would outlive a crash.
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
