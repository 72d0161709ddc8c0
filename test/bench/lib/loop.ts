import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BEEP_HZ, BEEP_MS } from '../../fixtures/agora/clock-pattern.ts';
import { renderClockFrame } from '../../fixtures/agora/clock-frame.ts';

/** What a host sends over and over. */
export interface Loop {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly seconds: number;
  readonly bitrateKbps: number;
}

/** The picture sizes that are measured, with what Agora hosts commonly send at them. */
export const loopSizes = {
  360: { width: 640, height: 360, fps: 30, seconds: 60, bitrateKbps: 600 },
  720: { width: 1280, height: 720, fps: 30, seconds: 20, bitrateKbps: 2_500 },
  1080: { width: 1920, height: 1080, fps: 30, seconds: 20, bitrateKbps: 4_500 },
} as const;
export type LoopHeight = keyof typeof loopSizes;

/** Changes when a loop is made in another way, so that those in the cache are made anew. */
const RECIPE = 1;
/** The clock takes the picture's top, the flash its bottom (see clock-pattern.ts). */
const CLOCK_PART = 0.28;
const FLASH_PART = 0.1;

/**
 * A loop of that height in the cache, encoded now if it is not there: clock, flash and beeps on a background that
 * moves and is grainy, so that the pictures have the size in bytes that a camera's have. H.264 constrained baseline
 * with parameter sets in each keyframe, one keyframe each 2 s; Opus.
 */
export async function openLoop(cache: string, height: LoopHeight): Promise<Loop> {
  const size = loopSizes[height];
  const file = join(cache, 'bench', `loop-${String(height)}p-${String(RECIPE)}.mkv`);
  const loop = { ...size, file };
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) await encode(loop);
  return loop;
}

async function encode({ file, width, height, fps, seconds, bitrateKbps }: Loop): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  const partial = `${file}.${String(process.pid)}.partial`;
  const clock = even(height * CLOCK_PART);
  const flash = even(height * FLASH_PART);
  const rate = `${String(bitrateKbps)}k`;
  const size = `${String(width)}x${String(height)}`;
  const filters = [
    `[0:v]split[a][b]`,
    `[a]crop=${String(width)}:${String(clock)}:0:0[top]`,
    `[b]crop=${String(width)}:${String(flash)}:0:${String(height - flash)}[bottom]`,
    `testsrc2=s=${size}:r=${String(fps)}:d=${String(seconds)},noise=alls=14:allf=t+u,format=yuv420p[back]`,
    `[back][top]overlay=0:0[with]`,
    `[with][bottom]overlay=0:${String(height - flash)}[v]`,
  ].join(';');
  const beep = `if(lt(mod(t,1),${String(BEEP_MS / 1000)}),0.5*sin(2*PI*${String(BEEP_HZ)}*t),0.01*sin(2*PI*220*t))`;
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-y'],
      ...['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', size, '-r', String(fps), '-i', 'pipe:0'],
      ...['-f', 'lavfi', '-i', `aevalsrc='${beep}':s=48000:d=${String(seconds)}`],
      ...['-filter_complex', filters, '-map', '[v]', '-map', '1:a'],
      ...['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'],
      ...['-g', String(fps * 2), '-b:v', rate, '-maxrate', rate, '-bufsize', rate],
      ...['-x264-params', 'repeat-headers=1:scenecut=0'],
      ...['-c:a', 'libopus', '-b:a', '64k', '-frame_duration', '20', '-f', 'matroska', partial],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let problem = '';
  child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined); // FFmpeg ended early: its exit code says so
  for (let frame = 0; frame < fps * seconds && child.stdin.writable; frame++) {
    const picture = renderClockFrame(Math.round((frame * 1000) / fps), width, height);
    if (!child.stdin.write(picture)) await Promise.race([once(child.stdin, 'drain'), closed]);
  }
  child.stdin.end();
  if ((await closed) !== 0) {
    await rm(partial, { force: true });
    throw new Error(`ffmpeg could not encode ${file}: ${problem.trim()}`);
  }
  await rename(partial, file);
}

function even(value: number): number {
  return Math.ceil(value / 2) * 2;
}
