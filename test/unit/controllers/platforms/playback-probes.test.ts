import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  PlaybackProbes,
  playlistProbe,
  type PlaylistProbeResult,
  type PlaylistSource,
} from '../../../../src/controllers/platforms/playback-probes.ts';
import { AllowedAddresses } from '../../../../src/base/http/allowed-addresses.ts';
import { OutgoingClient } from '../../../../src/base/http/outgoing-client.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { never } from '../../../support/platforms/platform-examples.ts';

let clock: FakeClock;
let result: PlaylistProbeResult;
let requests: string[];
let probes: PlaybackProbes;
beforeEach(() => {
  clock = new FakeClock();
  result = 'nothing';
  requests = [];
  probes = new PlaybackProbes(clock, (url) => {
    requests.push(url);
    return Promise.resolve(result);
  });
});
const url = 'https://play.example/s-1/index.m3u8';
const at = (address: string, isKnown = () => false): PlaylistSource => ({
  url: () => Promise.resolve(address),
  isKnown,
});
const plays = (liveSince?: Date): Promise<boolean> =>
  probes.isPlayable('origin/s-1', at(url), liveSince, never);
/** The result of a probe a second later. */
async function probeNext(seen: PlaylistProbeResult): Promise<boolean> {
  await clock.advance(1_000);
  result = seen;
  return plays();
}

describe('a stream can be played', () => {
  test('once the end of its playlist advances, not because the playlist exists', async () => {
    expect(await plays()).toBe(false);
    expect(await probeNext({ edge: '7 seg7.ts' })).toBe(false);
    expect(await probeNext({ edge: '7 seg7.ts' })).toBe(false);
    expect(await probeNext({ edge: '8 seg8.ts' })).toBe(true);
  });

  test('from then on, without further probes', async () => {
    await probeNext({ edge: '7 seg7.ts' });
    await probeNext({ edge: '8 seg8.ts' });
    expect(await probeNext('nothing')).toBe(true);
    expect(requests).toHaveLength(2);
  });

  test('not because its playlist reappears: the segments may be old ones', async () => {
    await probeNext({ edge: '7 seg7.ts' });
    expect(await probeNext('nothing')).toBe(false);
    expect(await probeNext({ edge: '8 seg8.ts' })).toBe(false);
    expect(await probeNext({ edge: '9 seg9.ts' })).toBe(true);
  });

  test('until it is forgotten: later it is probed again', async () => {
    await probeNext({ edge: '7 seg7.ts' });
    expect(await probeNext({ edge: '8 seg8.ts' })).toBe(true);
    probes.forget('origin/s-1');
    expect(await probeNext({ edge: '8 seg8.ts' })).toBe(false);
  });

  test('independently of other streams', async () => {
    await probeNext({ edge: '7 seg7.ts' });
    await probeNext({ edge: '8 seg8.ts' });
    expect(await probes.isPlayable('other/s-1', at(url), undefined, never)).toBe(false);
  });
});

describe('a playlist that cannot be reached', () => {
  const minutesAgo = new Date('2025-12-31T23:58:00Z');
  beforeEach(() => {
    result = 'unreachable';
  });

  test('is compensated by media that the platform has accepted for 15 s', async () => {
    expect(await plays()).toBe(false);
    await clock.advance(1_000);
    expect(await plays(new Date(clock.now().getTime() - 14_999))).toBe(false);
    await clock.advance(1_000);
    expect(await plays(new Date(clock.now().getTime() - 15_000))).toBe(true);
  });

  test('is not the same as an empty one, which is not compensated by accepted media', async () => {
    result = 'nothing';
    expect(await plays(minutesAgo)).toBe(false);
  });
});

test.each<PlaylistProbeResult>(['nothing', 'unreachable', { edge: '7 seg7.ts' }])(
  'a playlist with the result %j is probed about once a second, however often it is requested',
  async (found) => {
    result = found;
    for (let time = 0; time < 3; time += 1) await plays();
    expect(requests).toEqual([url]);
    await clock.advance(900);
    await plays();
    expect(requests).toHaveLength(2);
  },
);

describe('a real playlist', () => {
  const media = (first: number): string =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${String(first)}\n` +
    `#EXTINF:2,\nseg${String(first)}.ts\n#EXTINF:2,\nseg${String(first + 1)}.ts\n`;

  /** Probes twice, with each of these answers by path in turn. */
  async function seen(...rounds: readonly Record<string, string>[]): Promise<boolean> {
    let round: Record<string, string> = {};
    const server = createServer((request, response) => {
      const text = round[request.url ?? ''];
      response.writeHead(text === undefined ? 404 : 200).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const address = `http://127.0.0.1:${String(port)}/s-1/index.m3u8`;
    await using client = new OutgoingClient({ addresses: new AllowedAddresses() });
    const real = new PlaybackProbes(clock, playlistProbe(client));
    let last = false;
    for (round of rounds) {
      last = await real.isPlayable(
        's-1',
        at(address, () => true),
        undefined,
        never,
      );
      await clock.advance(1_000);
    }
    await new Promise((resolve) => server.close(resolve));
    return last;
  }
  const path = '/s-1/index.m3u8';
  const master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000\nv1/media.m3u8\n';

  test('can be played when its last segment changes', async () => {
    expect(await seen({ [path]: media(1) }, { [path]: media(2) })).toBe(true);
    expect(await seen({ [path]: media(1) }, { [path]: media(1) })).toBe(false);
  });

  test('with several renditions is judged by the first', async () => {
    const rounds = [1, 2].map((first) => ({ [path]: master, '/s-1/v1/media.m3u8': media(first) }));
    expect(await seen(...rounds)).toBe(true);
    expect(await seen({ [path]: master }, { [path]: master })).toBe(false);
  });

  test('must be a playlist, and parser errors are not logged', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await seen({ [path]: '<html>' }, { [path]: '<html></html>' }, {})).toBe(false);
    expect(said.mock.calls).toEqual([]);
    said.mockRestore();
  });
});

describe('a playlist whose host others have chosen', () => {
  let server: Server;
  let asked: string[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let client: OutgoingClient;
  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new OutgoingClient({ addresses: new AllowedAddresses() });
  });
  afterEach(async () => {
    await client[Symbol.asyncDispose]();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const probe = (isKnown = true): Promise<PlaylistProbeResult> => {
    const { port } = server.address() as AddressInfo; // it listens on TCP
    return playlistProbe(client)(`http://127.0.0.1:${String(port)}/index.m3u8`, () => isKnown, never);
  };
  const playlist = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2,\nseg7.ts\n';

  test('is not requested from a private address that the platform did not name', async () => {
    answer = (_, response) => response.end(playlist);
    expect(await probe(false)).toBe('unreachable');
    expect(asked).toEqual([]);
  });

  test('is read behind a redirect that sets a cookie, as CDNs do', async () => {
    answer = ({ url, headers }, response) => {
      if (url === '/index.m3u8')
        response.writeHead(302, { location: '/edge/index.m3u8', 'set-cookie': 'session=1; Path=/' }).end();
      else if (headers.cookie === 'session=1') response.end(playlist);
      else response.writeHead(403).end();
    };
    expect(await probe()).toEqual({ edge: '7 seg7.ts' });
  });

  test('keeps its cookie for the renditions', async () => {
    answer = ({ url, headers }, response) => {
      if (url === '/index.m3u8')
        response
          .writeHead(200, { 'set-cookie': 'session=1; Path=/' })
          .end('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000\nmedia.m3u8\n');
      else response.writeHead(headers.cookie === 'session=1' ? 200 : 403).end(playlist);
    };
    expect(await probe()).toEqual({ edge: '7 seg7.ts' });
  });

  test('without an end is no playlist, and fills no memory', async () => {
    let written = 0;
    answer = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && written < 256 * 1024 * 1024) {
          written += 64 * 1024;
          if (!response.write(Buffer.alloc(64 * 1024, '#'))) return;
        }
      };
      response.on('drain', more);
      more();
    };
    expect(await probe()).toBe('nothing');
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  test('does not lead elsewhere by the address of a rendition', async () => {
    answer = (_, response) =>
      response.end('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://169.254.169.254/latest\n');
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const isKnown = ({ host }: URL): boolean => host === `127.0.0.1:${String(port)}`;
    const found = await playlistProbe(client)(`http://127.0.0.1:${String(port)}/index.m3u8`, isKnown, never);
    expect(found).toBe('unreachable');
  });
});
