import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { av1Size } from '../../../../src/relay/page/av1-size.ts';

/** A keyframe of this size by one of Debian's encoders. */
function keyframe(width: number, height: number, encoder: readonly string[]): Uint8Array {
  const source = `color=black:s=${String(width)}x${String(height)}:r=1`;
  const { stdout, stderr } = spawnSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '1', '-pix_fmt', 'yuv420p'],
    ...['-c:v', ...encoder, '-f', 'obu', '-'],
  ]);
  if (stdout.length === 0) throw new Error(stderr.toString());
  return stdout;
}

test.each([
  [1_280, 720],
  [1_920, 1_080],
  [64, 2_000],
])('reads %i x %i', (width, height) => {
  const libaom = ['libaom-av1', '-usage', 'realtime', '-cpu-used', '8'];
  expect(av1Size(keyframe(width, height, libaom))).toEqual({ width, height });
});

test('is undefined without a complete sequence header', () => {
  expect(av1Size(Uint8Array.from([]))).toBeUndefined();
  expect(av1Size(Uint8Array.from([0x12, 0x00, 0x32, 0x02, 0xff, 0xff]))).toBeUndefined();
  expect(av1Size(Uint8Array.from([0x0a, 0x02, 0x00, 0x00]))).toBeUndefined();
});
