import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../../../src/web/player/channel/parsing.ts';
import {
  parseChannel,
  parseEvent,
  parsePlayback,
  parseRelay,
  problemCode,
} from '../../../../src/web/player/channel/service-views.ts';

const relay = { isActive: true, wanted: true, status: 'active', startedAt: '2026-01-01T00:00:00Z' };
const channel = {
  id: 'show-1',
  relay,
  effectiveStreamMode: 'hybrid',
  playbackUrl: 'https://cdn.example/a.m3u8',
  deleting: false,
};

test('a channel is read from the answer of the service', () => {
  expect(parseChannel(channel)).toEqual({
    exists: true,
    stream: 'https://cdn.example/a.m3u8',
    mode: 'hybrid',
    onAir: true,
    wanted: true,
    failing: false,
    begun: true,
  });
  expect(parseChannel({ ...channel, deleting: true })).toMatchObject({ wanted: false, begun: true });
  expect(
    parseRelay({ ...relay, isActive: false, startedAt: null, status: 'error', channelExists: false }),
  ).toEqual({
    exists: false,
    stream: undefined,
    mode: undefined,
    onAir: false,
    wanted: true,
    failing: true,
    begun: false,
  });
});

test('an address is read with its expiry', () => {
  const view = { hlsUrl: 'https://cdn.example/a.m3u8?t=1', latency: 6, expiresAt: '2026-01-01T01:00:00Z' };
  expect(parsePlayback(view)).toEqual({
    url: 'https://cdn.example/a.m3u8?t=1',
    latencySeconds: 6,
    expiresAt: Date.parse('2026-01-01T01:00:00Z'),
  });
  expect(parsePlayback({ ...view, expiresAt: null, latency: -1 })).toMatchObject({
    latencySeconds: undefined,
    expiresAt: undefined,
  });
});

describe('what is hostile or broken is not taken', () => {
  test.each([
    ['javascript:alert(1)'],
    ['file:///etc/passwd'],
    ['data:application/vnd.apple.mpegurl,x'],
    ['//cdn.example/a.m3u8'],
    [''],
    [`https://cdn.example/${'a'.repeat(5_000)}`],
    [{ toString: 'x' }],
  ])('the address %j', (hlsUrl) => {
    expect(parsePlayback({ hlsUrl })).toBeUndefined();
    expect(parseChannel({ ...channel, playbackUrl: hlsUrl })?.stream).toBeUndefined();
  });

  test.each([[null], [[]], ['x'], [{}], [{ relay: null }], [{ relay: { isActive: 'yes', wanted: true } }]])(
    'the channel %j',
    (value) => {
      expect(parseChannel(value)).toBeUndefined();
    },
  );

  test('any JSON at all leaves the parsers standing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        for (const parse of [parseChannel, parseRelay, parsePlayback, problemCode]) parse(value);
        for (const type of ['snapshot', 'status', 'mode', 'ended', 'alert', text]) {
          parseEvent(type, JSON.stringify(value));
          parseEvent(type, text);
        }
        parseJson(text);
      }),
    );
  });
});

test('events say what has changed', () => {
  expect(parseEvent('status', JSON.stringify({ type: 'status', id: '1', channel }))).toMatchObject({
    type: 'channel',
    channel: { onAir: true },
  });
  expect(
    parseEvent('mode', JSON.stringify({ mode: 'agora-only', at: '2026-01-01T00:00:10Z', message: '' })),
  ).toEqual({ type: 'mode', mode: 'agora-only', at: Date.parse('2026-01-01T00:00:10Z') });
  expect(
    parseEvent('mode', JSON.stringify({ mode: 'telepathy', at: '2026-01-01T00:00:10Z' })),
  ).toBeUndefined();
  expect(parseEvent('ended', '{}')).toEqual({ type: 'ended' });
  expect(parseEvent('ticket-expired', '{}')).toEqual({ type: 'ticket-expired' });
});
