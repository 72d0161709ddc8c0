import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  PlaybackProbes,
  type PlaylistProbeResult,
} from '../../../../src/controllers/platforms/playback-probes.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { never } from '../../../support/platforms/platform-examples.ts';

let clock: FakeClock;
let look: PlaylistProbeResult;
let asked: string[];
let probes: PlaybackProbes;
beforeEach(() => {
  clock = new FakeClock();
  look = 'nothing';
  asked = [];
  probes = new PlaybackProbes(clock, (url) => {
    asked.push(url);
    return Promise.resolve(look);
  });
});
const url = 'https://play.example/s-1/index.m3u8';
const plays = (liveSince?: Date): Promise<boolean> =>
  probes.isPlayable('origin/s-1', () => Promise.resolve(url), liveSince, never);
/** What a look a second later finds. */
async function thenSees(seen: PlaylistProbeResult): Promise<boolean> {
  await clock.advance(1_000);
  look = seen;
  return plays();
}

describe('a stream plays', () => {
  test('once the end of its playlist moves, and not because there is one', async () => {
    expect(await plays()).toBe(false);
    expect(await thenSees({ edge: '7 seg7.ts' })).toBe(false);
    expect(await thenSees({ edge: '7 seg7.ts' })).toBe(false);
    expect(await thenSees({ edge: '8 seg8.ts' })).toBe(true);
  });

  test('and is believed to from then on, without being asked for again', async () => {
    await thenSees({ edge: '7 seg7.ts' });
    await thenSees({ edge: '8 seg8.ts' });
    expect(await thenSees('nothing')).toBe(true);
    expect(asked).toHaveLength(2);
  });

  test('not because it comes back from nothing: that is what was there before', async () => {
    await thenSees({ edge: '7 seg7.ts' });
    expect(await thenSees('nothing')).toBe(false);
    expect(await thenSees({ edge: '8 seg8.ts' })).toBe(false);
    expect(await thenSees({ edge: '9 seg9.ts' })).toBe(true);
  });

  test('until it is forgotten: as a next one again, it is looked at anew', async () => {
    await thenSees({ edge: '7 seg7.ts' });
    expect(await thenSees({ edge: '8 seg8.ts' })).toBe(true);
    probes.forget('origin/s-1');
    expect(await thenSees({ edge: '8 seg8.ts' })).toBe(false);
  });

  test('by itself: others are looked at for themselves', async () => {
    await thenSees({ edge: '7 seg7.ts' });
    await thenSees({ edge: '8 seg8.ts' });
    expect(await probes.isPlayable('other/s-1', () => Promise.resolve(url), undefined, never)).toBe(false);
  });
});

describe('a playlist that cannot be reached from here', () => {
  const minutesAgo = new Date('2025-12-31T23:58:00Z');
  beforeEach(() => {
    look = 'unreachable';
  });

  test('is made up for by media that the platform took for a quarter of a minute', async () => {
    expect(await plays()).toBe(false);
    await clock.advance(1_000);
    expect(await plays(new Date(clock.now().getTime() - 14_999))).toBe(false);
    await clock.advance(1_000);
    expect(await plays(new Date(clock.now().getTime() - 15_000))).toBe(true);
  });

  test('but one that answers and has nothing is believed, however long media was taken', async () => {
    look = 'nothing';
    expect(await plays(minutesAgo)).toBe(false);
  });
});

test.each<PlaylistProbeResult>(['nothing', 'unreachable', { edge: '7 seg7.ts' }])(
  'one that gives %j is asked for about once a second, however often somebody wants to know',
  async (found) => {
    look = found;
    for (let time = 0; time < 3; time += 1) await plays();
    expect(asked).toEqual([url]);
    await clock.advance(900);
    await plays();
    expect(asked).toHaveLength(2);
  },
);

describe('a real playlist', () => {
  const media = (first: number): string =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${String(first)}\n` +
    `#EXTINF:2,\nseg${String(first)}.ts\n#EXTINF:2,\nseg${String(first + 1)}.ts\n`;

  /** Asks twice, with each of these answers by path in turn. */
  async function seen(...rounds: readonly Record<string, string>[]): Promise<boolean> {
    let round: Record<string, string> = {};
    const server = createServer((request, response) => {
      const text = round[request.url ?? ''];
      response.writeHead(text === undefined ? 404 : 200).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const address = `http://127.0.0.1:${String(port)}/s-1/index.m3u8`;
    const real = new PlaybackProbes(clock);
    let last = false;
    for (round of rounds) {
      last = await real.isPlayable('s-1', () => Promise.resolve(address), undefined, never);
      await clock.advance(1_000);
    }
    await new Promise((resolve) => server.close(resolve));
    return last;
  }
  const path = '/s-1/index.m3u8';
  const master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000\nv1/media.m3u8\n';

  test('plays when its last segment is another one', async () => {
    expect(await seen({ [path]: media(1) }, { [path]: media(2) })).toBe(true);
    expect(await seen({ [path]: media(1) }, { [path]: media(1) })).toBe(false);
  });

  test('of several renditions is judged by the first', async () => {
    const rounds = [1, 2].map((first) => ({ [path]: master, '/s-1/v1/media.m3u8': media(first) }));
    expect(await seen(...rounds)).toBe(true);
    expect(await seen({ [path]: master }, { [path]: master })).toBe(false);
  });

  test('is none when it is something else, and the log is spared what the parser thinks of it', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await seen({ [path]: '<html>' }, { [path]: '<html></html>' }, {})).toBe(false);
    expect(said.mock.calls).toEqual([]);
    said.mockRestore();
  });
});
