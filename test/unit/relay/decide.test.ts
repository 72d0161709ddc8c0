import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../src/relay/decide.ts';
import type { BrowserFacts, Facts, IngestFacts, RoomFacts } from '../../../src/relay/facts.ts';
import type { IngestFailure } from '../../../src/relay/ingest/ingest-failure.ts';

const NOW = 1_000_000;
const host = { uid: 7, video: true, audio: true };
const up: BrowserFacts = { phase: 'up', heartbeatAt: NOW - 500, failures: 0 };
const room: RoomFacts = {
  ...{ phase: 'joined', since: NOW - 60_000, retryAt: 0, fault: undefined, tokenRefusals: 0 },
  ...{ host, videoSince: NOW - 60_000 },
};
const idle: IngestFacts = {
  ...{ phase: 'none', since: NOW - 60_000, acceptedAt: undefined, retryAt: 0, failure: undefined },
  ...{ refusals: 0, refusedSince: undefined, keyWorked: false },
};
const publishing: IngestFacts = {
  ...idle,
  phase: 'publishing',
  since: NOW - 30_000,
  acceptedAt: NOW - 100,
  keyWorked: true,
};
const live: Facts = {
  ...{ stopping: false, standby: false, browser: up, room, ingest: publishing },
  media: { videoAt: NOW - 30, mimeType: 'video/H264' },
};
const noHost: RoomFacts = { ...room, host: null, videoSince: undefined };
const noMedia = { videoAt: undefined, mimeType: '' };
const refused: IngestFailure = { reason: 'IngestRejected', message: 'no', refused: true };

const states: [string, Partial<Facts>, string, string][] = [
  ['all is well', {}, 'live', 'Live'],
  ['the relay was asked to stop', { stopping: true }, 'stopping', 'ShuttingDown'],
  [
    'the browser is on its way',
    { browser: { phase: 'starting', failures: 0 }, room: { ...noHost, phase: 'out' }, ingest: idle },
    'starting',
    'RelayStarting',
  ],
  [
    'the browser crashed, and what was sent is still being taken',
    { browser: { phase: 'down', retryAt: NOW + 1, failures: 1 } },
    'live',
    'Live',
  ],
  [
    'the browser crashed and nothing is taken any more',
    { browser: { phase: 'starting', failures: 1 }, ingest: { ...publishing, acceptedAt: NOW - 6_000 } },
    'stalled',
    'BrowserCrashed',
  ],
  [
    'joining',
    { room: { ...noHost, phase: 'joining' }, ingest: idle, media: noMedia },
    'joining',
    'RelayStarting',
  ],
  [
    'Agora does not answer',
    {
      room: { ...noHost, phase: 'out', retryAt: NOW + 1, fault: { cause: 'retry', message: 'x' } },
      ingest: idle,
      media: noMedia,
    },
    'joining',
    'AgoraUnreachable',
  ],
  ['nobody is there', { room: noHost, ingest: idle, media: noMedia }, 'waiting', 'WaitingForHost'],
  [
    'the host has its camera off',
    { room: { ...room, host: { ...host, video: false }, videoSince: undefined }, ingest: idle },
    'waiting',
    'WaitingForHost',
  ],
  [
    'the host sends VP8',
    { media: { videoAt: NOW, mimeType: 'video/VP8' }, ingest: idle },
    'waiting',
    'CodecUnsupported',
  ],
  [
    'the first picture is awaited',
    { room: { ...room, videoSince: NOW - 1_000 }, media: noMedia, ingest: idle },
    'connecting',
    'RelayStarting',
  ],
  [
    'no picture comes from a host that publishes',
    { media: noMedia, ingest: idle },
    'stalled',
    'MediaStalled',
  ],
  [
    'connecting to the ingest',
    { ingest: { ...idle, phase: 'connecting', since: NOW - 100 } },
    'connecting',
    'RelayStarting',
  ],
  [
    'the ingest is away',
    {
      ingest: {
        ...idle,
        retryAt: NOW + 1,
        failure: { reason: 'IngestUnreachable', message: 'x', refused: false },
      },
    },
    'connecting',
    'IngestUnreachable',
  ],
  [
    'the ingest has stopped taking',
    { ingest: { ...publishing, acceptedAt: NOW - 5_001 } },
    'stalled',
    'MediaStalled',
  ],
  ['standing by', { standby: true, ingest: idle }, 'waiting', 'NotInUse'],
  [
    'banned',
    { room: { ...noHost, phase: 'out', fault: { cause: 'banned', message: 'x' } } },
    'failed',
    'AgoraBanned',
  ],
];

const actions: [string, Partial<Facts>, string[]][] = [
  ['nothing while all is well', {}, []],
  ['ends when asked', { stopping: true }, ['exit']],
  [
    'starts the browser',
    { browser: { phase: 'down', retryAt: NOW, failures: 0 }, ingest: idle, media: noMedia },
    ['start-browser'],
  ],
  [
    'not before its time',
    { browser: { phase: 'down', retryAt: NOW + 1, failures: 1 }, ingest: idle, media: noMedia },
    [],
  ],
  [
    'stops a browser that gives no sign of life',
    { browser: { ...up, heartbeatAt: NOW - 8_001 } },
    ['stop-browser'],
  ],
  [
    'stops a browser whose page hangs in joining',
    { room: { ...noHost, phase: 'joining', since: NOW - 30_001 }, ingest: idle, media: noMedia },
    ['stop-browser'],
  ],
  ['joins', { room: { ...noHost, phase: 'out' }, ingest: idle, media: noMedia }, ['join']],
  [
    'joins anew when a host that publishes is not heard',
    { media: { ...live.media, videoAt: NOW - 20_001 }, ingest: idle },
    ['join'],
  ],
  ['waits for a host for ever', { room: noHost, media: noMedia, ingest: idle }, []],
  ['opens a session for fresh pictures', { ingest: idle }, ['open-session']],
  ['opens none on standby', { standby: true, ingest: idle }, []],
  ['ends the session on standby', { standby: true }, ['close-session']],
  ['opens none before its time', { ingest: { ...idle, retryAt: NOW + 1 } }, []],
  [
    'opens none for what cannot be passed on',
    { ingest: idle, media: { videoAt: NOW, mimeType: 'video/VP9' } },
    [],
  ],
  [
    'keeps the session while the host is away for a moment',
    { media: { ...live.media, videoAt: NOW - 9_000 } },
    [],
  ],
  [
    'ends the session when the host stays away',
    { media: { ...live.media, videoAt: NOW - 10_001 }, room: noHost },
    ['close-session'],
  ],
  [
    'does not end it twice',
    { ingest: { ...publishing, phase: 'closing' }, media: noMedia, room: noHost },
    [],
  ],
  [
    'cuts a session that takes nothing',
    { ingest: { ...publishing, acceptedAt: NOW - 5_001 } },
    ['cut-session'],
  ],
  [
    'does not blame the ingest when nothing came to send',
    { ingest: { ...publishing, acceptedAt: NOW - 5_001 }, media: { ...live.media, videoAt: NOW - 5_000 } },
    [],
  ],
  [
    'cuts a session that does not come about',
    { ingest: { ...idle, phase: 'connecting', since: NOW - 10_001 } },
    ['cut-session'],
  ],
];

describe('what the relay says it is when', () => {
  test.each(states)('%s', (_, facts, state, reason) => {
    expect(decide({ ...live, ...facts }, NOW)).toMatchObject({ state, reason });
  });
});

describe('what the relay does', () => {
  test.each(actions)('%s', (_, facts, expected) => {
    expect(decide({ ...live, ...facts }, NOW).actions.map(({ type }) => type)).toEqual(expected);
  });
});

describe('when it cannot go on', () => {
  const exit = (facts: Partial<Facts>): unknown =>
    decide({ ...live, ...facts }, NOW).actions.find(({ type }) => type === 'exit');

  test('one refusal of the key is not believed, three are', () => {
    const failed = { ...idle, failure: refused, refusedSince: NOW - 900 };
    expect(exit({ ingest: { ...failed, refusals: 2 } })).toBeUndefined();
    expect(exit({ ingest: { ...failed, refusals: 3 } })).toMatchObject({
      outcome: 'fatal',
      fault: { reason: 'IngestRejected' },
    });
  });

  test('a key that has worked is given the time that a platform holds a dead connection', () => {
    const failed = { ...idle, failure: refused, refusals: 9, keyWorked: true };
    expect(exit({ ingest: { ...failed, refusedSince: NOW - 34_000 } })).toBeUndefined();
    expect(exit({ ingest: { ...failed, refusedSince: NOW - 35_000 } })).toMatchObject({ outcome: 'fatal' });
  });

  test('a token is tried twice', () => {
    const out: RoomFacts = {
      ...noHost,
      phase: 'out',
      fault: { cause: 'token-rejected', message: 'invalid token' },
    };
    expect(exit({ room: { ...out, tokenRefusals: 1 } })).toBeUndefined();
    expect(exit({ room: { ...out, tokenRefusals: 2 } })).toMatchObject({
      outcome: 'fatal',
      fault: { reason: 'AgoraTokenRejected' },
    });
  });

  test('a browser that never comes up asks for a new container', () => {
    expect(exit({ browser: { phase: 'down', retryAt: 0, failures: 9 } })).toMatchObject({
      outcome: 'retryable',
      fault: { reason: 'BrowserCrashed' },
    });
  });
});
