import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { audioDelays, inspectMedia } from '../../fixtures/agora/decode.ts';
import { encodeLoop } from '../../fixtures/agora/loop-file.ts';

describe('inspectMedia', () => {
  let directory: string;
  let file: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'livechannel-decode-'));
    file = join(directory, 'loop.mkv');
    await encodeLoop(file, { width: 640, height: 360, fps: 15, seconds: 4, bitrateKbps: 300 });
  }, 30_000);

  afterAll(() => rm(directory, { recursive: true }));

  test('reads every clock and beep from encoded media', async () => {
    const media = await inspectMedia(file, { seconds: 10 });
    expect(media).toMatchObject({ width: 640, height: 360, frames: 60 });
    expect(media.clocks.map(({ clockMs }) => clockMs)).toEqual(
      Array.from({ length: 60 }, (_, frame) => Math.round((frame * 1000) / 15)),
    );
    expect(media.beeps).toHaveLength(3); // the beginning of the beep at 0 is not visible
    // FFmpeg moves the video by 7 ms for Opus' delay, and its time base is 1 ms.
    for (const delay of audioDelays(media)) expect(Math.abs(delay)).toBeLessThan(10);
  });

  test("reports FFmpeg's error when there is nothing to decode", async () => {
    await expect(inspectMedia(join(directory, 'none.mkv'), { seconds: 1 })).rejects.toThrow('No such file');
    const empty = join(directory, 'empty.mkv');
    await writeFile(empty, 'nothing');
    await expect(inspectMedia(empty, { seconds: 1 })).rejects.toThrow(empty);
  });

  test('names FFmpeg when it is not installed', async () => {
    await expect(inspectMedia(file, { seconds: 1, ffmpeg: '/nowhere/ffmpeg' })).rejects.toThrow(
      '/nowhere/ffmpeg',
    );
  });
});
