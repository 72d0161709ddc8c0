/** @jest-environment node */
import { expect, test } from '@jest/globals';
import { probe } from '../../../../src/web/player/core/probe.ts';

const media = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.m4s\n';
const multivariant = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow/index.m3u8\n';
const url = 'https://cdn.example/live/master.m3u8';

test.each([
  ['live', media, 200],
  ['ended', `${media}#EXT-X-ENDLIST`, 200],
  ['missing', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n', 200],
  ['failing', '<html></html>', 200],
  ['failing', `${media}${'#x\n'.repeat(300_000)}`, 200],
  ['missing', null, 204],
  ['missing', '', 404],
  ['refused', '', 403],
  ['refused', '', 410],
  ['failing', '', 503],
])('a playlist is %s by what is answered: %.30j, %d', async (result, body, status) => {
  const fetch = async (): Promise<Response> => new Response(body, { status });
  expect(await probe(url, new AbortController().signal, fetch)).toBe(result);
});

test('of a multivariant playlist, the first variant is what counts', async () => {
  const requested: string[] = [];
  const fetch = async (input: string | URL | Request): Promise<Response> => {
    const address = input instanceof Request ? input.url : String(input);
    requested.push(address);
    return address === url ? new Response(multivariant) : new Response('', { status: 404 });
  };
  expect(await probe(url, new AbortController().signal, fetch)).toBe('missing');
  expect(requested).toEqual([url, 'https://cdn.example/live/low/index.m3u8']);
});

test('a multivariant playlist that names itself is not followed without an end', async () => {
  let requests = 0;
  const fetch = async (): Promise<Response> => {
    requests++;
    return new Response(multivariant);
  };
  expect(await probe(url, new AbortController().signal, fetch)).toBe('failing');
  expect(requests).toBe(2);
});

test('no answer differs from a bad one', async () => {
  const fetch = async (): Promise<Response> => Promise.reject(new TypeError('network'));
  expect(await probe(url, new AbortController().signal, fetch)).toBe('unreachable');
});
