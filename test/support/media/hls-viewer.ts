import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { z } from 'zod';

const exec = promisify(execFile);

export interface Fetched {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export async function fetchText(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Fetched> {
  const answer = await request(url, { method, headers });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** What a player reads from a playlist. */
export interface ReadPlaylist {
  readonly text: string;
  readonly mediaSequence: number;
  readonly discontinuities: number;
  readonly maps: readonly string[];
  readonly segments: readonly string[];
  readonly ended: boolean;
}

export function readPlaylist(text: string): ReadPlaylist {
  return {
    text,
    mediaSequence: Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]),
    discontinuities: [...text.matchAll(/^#EXT-X-DISCONTINUITY$/gm)].length,
    maps: [...text.matchAll(/#EXT-X-MAP:URI="([^"]+)"/g)].map(([, uri]) => uri ?? ''),
    segments: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ended: text.includes('#EXT-X-ENDLIST'),
  };
}

/** Undefined while there is none. */
export async function fetchPlaylist(url: string): Promise<ReadPlaylist | undefined> {
  const { status, text } = await fetchText(url);
  return status === 200 ? readPlaylist(text) : undefined;
}

const probeSchema = z.object({
  streams: z.array(
    z.object({
      codec_name: z.string(),
      width: z.number().optional(),
      nb_read_frames: z.string().optional(),
    }),
  ),
});

const framesSchema = z.object({ frames: z.array(z.object({ width: z.number() })) });

export interface Decoded {
  readonly codec: string;
  readonly width: number | undefined;
  readonly frames: number;
}

/** Decodes `seconds` of what is at the address; by stream, video first. */
export function decode(url: string, seconds = 3): Promise<Decoded[]> {
  return probe(['-read_intervals', `%+${seconds}`, url]);
}

/**
 * Hands over each part between discontinuities of what the playlist lists now, as a finished playlist in a file.
 * Apart, because FFmpeg's HLS reader ignores a second init file ("Found duplicated MOOV Atom. Skipped it") where
 * players do not.
 */
async function eachPart<T>(url: string, work: (file: string) => Promise<T>): Promise<T[]> {
  const { text } = await fetchText(url);
  const lines = text
    .replaceAll(/(?<=URI=")[^"]+/g, (uri) => new URL(uri, url).href)
    .replaceAll(/^[^#\n].*$/gm, (uri) => new URL(uri, url).href);
  const [first = '', ...others] = lines.replace('#EXT-X-ENDLIST\n', '').split('#EXT-X-DISCONTINUITY\n');
  const head = first.slice(0, first.indexOf('#EXT-X-MAP'));
  const folder = await mkdtemp(join(tmpdir(), 'playlist-'));
  const results: T[] = [];
  try {
    for (const part of [first, ...others.map((other) => head + other)]) {
      const file = join(folder, 'part.m3u8');
      await writeFile(file, `${part}#EXT-X-ENDLIST\n`);
      results.push(await work(file));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return results;
}

const local = ['-protocol_whitelist', 'file,http,tcp'];

/** Decodes all that the playlist lists now: one result for each part between discontinuities. */
export function decodeParts(url: string): Promise<Decoded[][]> {
  return eachPart(url, (file) => probe([...local, file]));
}

/** How many frames of which width come out, for each part between discontinuities. */
export function decodedSizes(url: string): Promise<Record<string, number>[]> {
  return eachPart(url, async (file) => {
    const { stdout } = await exec('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'frame=width', '-of', 'json'],
      ...[...local, file],
    ]);
    const counts: Record<string, number> = {};
    for (const { width } of framesSchema.parse(JSON.parse(stdout)).frames)
      counts[width] = (counts[width] ?? 0) + 1;
    return counts;
  });
}

async function probe(args: readonly string[]): Promise<Decoded[]> {
  const { stdout } = await exec(
    'ffprobe',
    [
      ...['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,width,nb_read_frames'],
      ...['-of', 'json', ...args],
    ],
    { timeout: 40_000 },
  );
  const { streams } = probeSchema.parse(JSON.parse(stdout));
  return streams
    .map(({ codec_name, width, nb_read_frames }) => ({
      codec: codec_name,
      width,
      frames: Number(nb_read_frames ?? 0),
    }))
    .sort((a, b) => b.codec.localeCompare(a.codec));
}
