import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaPacket } from '../../../src/relay/media/packet.ts';
import { Program } from '../../../src/relay/media/program.ts';
import { encodeSlate, type Slate } from '../../../src/relay/media/slate.ts';
import { decoded, matroska, passedOn, pixels } from './decoded.ts';
import { encodedFrames } from './media-source.ts';

const WIDTH = 320;
const HEIGHT = 240;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slate-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

const slateOf = (file: string, signal = new AbortController().signal): Promise<Slate> =>
  encodeSlate({ ffmpeg: 'ffmpeg', file, width: WIDTH, height: HEIGHT, signal });

/** A white image, wider than the output. */
function whitePicture(name: string): string {
  const file = join(directory, name);
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', 'color=white:size=801x301', '-frames:v', '1', file],
  ]);
  return file;
}

test.each(['slate.png', 'slate.jpg'])('%s is scaled to fit, with black bars', async (name) => {
  const { data, format } = await slateOf(whitePicture(name));
  expect(format).toMatchObject({ codec: 'h264', width: WIDTH, height: HEIGHT });
  const picture = await pixels(matroska([{ kind: 'video', timeMs: 0, data, format }]));
  expect(picture.length).toBe(WIDTH * HEIGHT * 1.5);
  const luma = (x: number, y: number): number => picture[y * WIDTH + x] ?? 0;
  expect(luma(WIDTH / 2, HEIGHT / 2)).toBeGreaterThan(225);
  expect(luma(3, HEIGHT / 2)).toBeGreaterThan(225);
  expect(luma(WIDTH / 2, 5)).toBeLessThan(20);
  expect(luma(WIDTH / 2, HEIGHT - 5)).toBeLessThan(20);
});

test('a file that is not an image is rejected by name', async () => {
  const file = join(directory, 'notes.png');
  await writeFile(file, 'This is not a picture.');
  await expect(slateOf(file)).rejects.toMatchObject({
    code: 'SLATE_INVALID',
    message: expect.stringMatching(/notes\.png.*PNG or JPEG/),
  });
});

test('a truncated image is rejected', async () => {
  const file = join(directory, 'half.png');
  await writeFile(file, Buffer.from('89504e470d0a1a0a0000000d4948', 'hex'));
  await expect(slateOf(file)).rejects.toMatchObject({ code: 'SLATE_INVALID' });
});

test('a missing file is reported', async () => {
  await expect(slateOf(join(directory, 'absent.png'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('encoding stops when it is aborted', async () => {
  await expect(slateOf(whitePicture('again.png'), AbortSignal.abort())).rejects.toMatchObject({
    name: 'AbortError',
  });
});

test('the slate is shown while a host is away, and the host returns with its own keyframe', async () => {
  const file = join(directory, 'source');
  const source = await encodedFrames({ file, width: WIDTH, height: HEIGHT, seconds: 4 });
  const frames = source.filter(({ frame }) => frame.kind === 'video').map(({ frame }) => frame);
  const program = new Program({ keyframeIntervalMs: 2_000, onKeyframeWanted: () => undefined });
  program.setSlate(await slateOf(whitePicture('slate.png')));
  const packets: MediaPacket[] = [];
  let nowMs = 1_000;
  frames.forEach((frame, i) => {
    for (let waited = 0; i === 45 && waited < 5_000; waited += 100)
      packets.push(...program.tick((nowMs += 100)));
    nowMs += 40;
    packets.push(...program.push({ ...frame, rtpTimestamp: nowMs * 90 }, nowMs));
  });
  const { output, log } = await passedOn(matroska(packets));
  expect(log).toBe('');
  const { pictures, log: complaints } = await decoded(output);
  expect(complaints).toBe('');
  const video = packets.filter(({ kind }) => kind === 'video');
  expect(pictures).toHaveLength(video.length);
  const alone = await decoded(matroska([{ ...firstHeld(video), timeMs: 0 }]));
  const white = alone.pictures[0]?.checksum;
  const shown = pictures.map(({ checksum }) => checksum === white);
  const [from, to] = [shown.indexOf(true), shown.lastIndexOf(true)];
  // From about a second after the last frame until the host's keyframe, and nothing else in between.
  expect((video[from]?.timeMs ?? 0) - (video[44]?.timeMs ?? 0)).toBeLessThan(1_200);
  expect(shown.slice(from, to + 1).every(Boolean)).toBe(true);
  expect(video[to + 1]?.held).toBeUndefined();
  expect(video[to + 1]?.format).toBeDefined();
});

/** The first keyframe that is not the host's. */
function firstHeld(video: readonly MediaPacket[]): MediaPacket {
  const found = video.find(({ held, format }) => held === true && format !== undefined);
  if (found === undefined) throw new Error('No slate was shown.');
  return found;
}
