import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { substituteFor } from '../../../../src/relay/page/substitutes.ts';

describe('substituteFor', () => {
  test.each(['video/H264', 'video/VP8', 'video/VP9', 'video/AV1'])(
    '%s: a few bytes, in a new buffer for each call',
    (mimeType) => {
      const [one, other] = [substituteFor(mimeType), substituteFor(mimeType)];
      expect(one?.byteLength).toBeGreaterThan(20);
      expect(one?.byteLength).toBeLessThan(100);
      expect(one).toEqual(other);
      expect(one).not.toBe(other);
    },
  );

  test.each(['video/H265', 'video/rtx', ''])('undefined for %p', (mimeType) => {
    expect(substituteFor(mimeType)).toBeUndefined();
  });

  test('the substitute of H.264 is a keyframe that can be decoded by itself', () => {
    const input = new Uint8Array(substituteFor('video/h264') ?? new ArrayBuffer(0));
    const asked = ['-v', 'error', '-f', 'h264', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
    const { stdout, stderr } = spawnSync('ffmpeg', asked, { input });
    expect(stderr.toString()).toBe('');
    expect(stdout).toHaveLength(16 * 16);
  });
});
