import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import { findBeeps } from '../../fixtures/agora/beeps.ts';
import type { StoredPacket } from './media-source.ts';

const run = promisify(execFile);

/** A recording, and the packets in it. */
export interface Recording {
  readonly file: string;
  readonly pictures: readonly StoredPacket[];
  readonly sound: readonly StoredPacket[];
}

/** Decodes with these arguments of FFmpeg; fails with whatever the decoder complains about. */
export async function decodedWith(...args: string[]): Promise<Buffer> {
  const options = { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 } as const;
  const { stdout, stderr } = await run('ffmpeg', ['-v', 'error', '-xerror', ...args, 'pipe:1'], options);
  expect(stderr.toString()).toBe('');
  return stdout;
}

/** When the white frames begin, by the recording's timestamps, milliseconds. */
export async function flashes({ file, pictures }: Recording): Promise<number[]> {
  const middle = 'crop=iw/2:ih/2,scale=1:1:flags=area,format=gray';
  const light = await decodedWith('-i', file, '-vf', middle, '-fps_mode', 'passthrough', '-f', 'rawvideo');
  expect(light.length).toBe(pictures.length);
  return pictures
    .filter((_, i) => (light[i] ?? 0) > 220 && (light[i - 1] ?? 255) < 200)
    .map(({ atMs }) => atMs);
}

async function beeps({ file, sound }: Recording): Promise<number[]> {
  const pcm = await decodedWith('-i', file, '-vn', '-ac', '1', '-ar', '48000', '-f', 's16le');
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2);
  return findBeeps(samples, 48_000).map((seconds) => seconds * 1_000 + (sound[0]?.atMs ?? 0));
}

/** How much later each beep is than the nearest flash, milliseconds. */
export async function soundDelays(recording: Recording): Promise<number[]> {
  const seen = await flashes(recording);
  const beepTimes = await beeps(recording);
  return beepTimes.flatMap((beep) =>
    seen.map((flash) => beep - flash).filter((delay) => Math.abs(delay) < 500),
  );
}
