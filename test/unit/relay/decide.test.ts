import { describe, expect, test } from '@jest/globals';
import { decide, type DecisionSettings } from '../../../src/relay/decide.ts';
import type { Facts, RoomFacts } from '../../../src/relay/facts.ts';
import type { IngestFailure } from '../../../src/relay/ingest/ingest-failure.ts';
import {
  allWell as live,
  browserUp as up,
  h264,
  host,
  hostMedia,
  joined as room,
  noHost,
  noMedia,
  noSession as idle,
  NOW,
  publishing,
  wellOff,
} from './examples.ts';

const settings: DecisionSettings = {
  holdMs: 600_000,
  sessionPerSize: true,
  neverTranscode: false,
  pageMemoryMiB: 330,
};
const refused: IngestFailure = { reason: 'IngestRejected', message: 'no', refused: true };
const transcode = {
  mode: 'transcode',
  width: 1280,
  height: 720,
  frameRate: 30,
  videoBitrateKbps: 3_000,
  keyframeSeconds: 2,
  constantBitrate: true,
} as const;
const nothingFits = {
  plan: undefined,
  reason: 'CodecUnsupported',
  message: 'The host sends vp8.',
  neededAt: NOW,
} as const;

const states: [string, Partial<Facts>, string, string][] = [
  ['media is accepted', {}, 'live', 'Live'],
  ['the relay is shutting down', { stopping: true }, 'stopping', 'ShuttingDown'],
  [
    'the browser is starting',
    {
      browser: { phase: 'starting', since: NOW, failures: 0 },
      room: { ...noHost, phase: 'out' },
      ingest: idle,
      media: noMedia,
    },
    'starting',
    'RelayStarting',
  ],
  [
    'the browser crashed, and the ingest still accepts media',
    { browser: { phase: 'down', retryAt: NOW + 1, failures: 1 } },
    'live',
    'Live',
  ],
  [
    'the browser crashed, and the ingest no longer accepts media',
    {
      browser: { phase: 'starting', since: NOW, failures: 1 },
      ingest: { ...publishing, acceptedAt: NOW - 6_000 },
    },
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
    'Agora is unreachable',
    {
      room: { ...noHost, phase: 'out', retryAt: NOW + 1, fault: { cause: 'retry', message: 'x' } },
      ingest: idle,
      media: noMedia,
    },
    'joining',
    'AgoraUnreachable',
  ],
  ['there is no host', { room: noHost, ingest: idle, media: noMedia }, 'waiting', 'WaitingForHost'],
  [
    'the camera of the host is off',
    {
      room: { ...room, host: { ...host, video: false }, videoSince: undefined },
      ingest: idle,
      media: noMedia,
    },
    'waiting',
    'WaitingForHost',
  ],
  [
    'the codec of the host is not supported',
    { plan: nothingFits, ingest: idle },
    'waiting',
    'CodecUnsupported',
  ],
  [
    'the host is away and its last frame is held',
    { room: noHost, media: { ...hostMedia, videoAt: NOW - 9_000, heldSince: NOW - 8_500 } },
    'live',
    'LastFrameHeld',
  ],
  [
    'the browser is restarting and the last frame is held',
    {
      browser: { phase: 'starting', since: NOW, failures: 0 },
      media: { ...hostMedia, videoAt: NOW - 2_000, heldSince: NOW - 1_500 },
    },
    'live',
    'LastFrameHeld',
  ],
  [
    'waiting for the first frame',
    { room: { ...room, videoSince: NOW - 1_000 }, media: noMedia, ingest: idle },
    'connecting',
    'RelayStarting',
  ],
  [
    'no video arrives from a host that publishes',
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
    'the ingest is unreachable',
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
    'the ingest has stopped accepting media',
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
  ['does nothing while all is well', {}, []],
  ['exits when it is stopped', { stopping: true }, ['exit']],
  [
    'starts the browser',
    { browser: { phase: 'down', retryAt: NOW, failures: 0 }, ingest: idle, media: noMedia },
    ['start-browser'],
  ],
  [
    'does not start the browser before the retry time',
    { browser: { phase: 'down', retryAt: NOW + 1, failures: 1 }, ingest: idle, media: noMedia },
    [],
  ],
  ['replaces a page without heartbeat', { browser: { ...up, heartbeatAt: NOW - 4_001 } }, ['replace-page']],
  [
    'replaces a page that hangs while joining',
    { room: { ...noHost, phase: 'joining', since: NOW - 30_001 }, ingest: idle, media: noMedia },
    ['replace-page'],
  ],
  ['joins', { room: { ...noHost, phase: 'out' }, ingest: idle, media: noMedia }, ['join']],
  [
    'joins again when no packets arrive from a host that publishes',
    {
      media: { ...noMedia, videoAt: NOW - 15_001 },
      room: { ...room, packetsAt: NOW - 15_000 },
      ingest: idle,
    },
    ['join'],
  ],
  ['waits for a host without a limit', { room: noHost, media: noMedia, ingest: idle }, []],
  ['opens a session when frames arrive', { ingest: idle }, ['open-session']],
  ['opens no session as a standby', { standby: true, ingest: idle }, []],
  ['closes the session as a standby', { standby: true }, ['close-session']],
  ['opens no session before the retry time', { ingest: { ...idle, retryAt: NOW + 1 } }, []],
  ['opens no session for an unsupported input', { ingest: idle, plan: nothingFits }, []],
  [
    'opens a session for audio only, with generated video',
    {
      ingest: idle,
      room: { ...room, host: { ...host, video: false }, videoSince: undefined },
      media: { ...noMedia, audioAt: NOW - 20, heldSince: NOW - 1_000 },
    },
    ['open-session'],
  ],
  [
    'opens no session for a held frame without any new media',
    { ingest: idle, room: noHost, media: { ...hostMedia, videoAt: NOW - 9_000, audioAt: NOW - 9_000 } },
    [],
  ],
  [
    'keeps the session while the host is away',
    {
      room: noHost,
      media: { ...hostMedia, videoAt: NOW - 599_000, audioAt: NOW - 599_000, heldSince: NOW - 598_000 },
    },
    [],
  ],
  [
    'closes the session when the host stays away',
    {
      room: noHost,
      media: { ...hostMedia, videoAt: NOW - 600_001, audioAt: NOW - 600_001, heldSince: NOW - 599_000 },
    },
    ['close-session'],
  ],
  [
    'closes the session when the plan has changed',
    { plan: { ...live.plan, plan: transcode } },
    ['close-session'],
  ],
  [
    'closes the session when the video size has changed',
    { media: { ...hostMedia, format: { ...h264, width: 720, height: 1_280 } } },
    ['close-session'],
  ],
  [
    'keeps a transcoding session at any video size',
    {
      plan: { ...live.plan, plan: transcode },
      ingest: { ...publishing, plan: transcode },
      media: { ...hostMedia, format: { ...h264, width: 720, height: 1_280 } },
    },
    [],
  ],
  [
    'does not close a session twice',
    { ingest: { ...publishing, phase: 'closing' }, media: noMedia, room: noHost },
    [],
  ],
  [
    'cuts a session whose FFmpeg has no output',
    { ingest: { ...publishing, encodedAt: NOW - 2_501 } },
    ['cut-session'],
  ],
  [
    'cuts a session without acknowledgements',
    { ingest: { ...publishing, acceptedAt: NOW - 3_600, lagMs: 3_600 } },
    ['cut-session'],
  ],
  [
    'keeps a slow session that makes progress',
    { ingest: { ...publishing, acceptedAt: NOW - 100, lagMs: 4_000 } },
    [],
  ],
  ['cuts a session that is too far behind', { ingest: { ...publishing, lagMs: 10_001 } }, ['cut-session']],
  [
    'keeps a session whose ingest acknowledges rarely',
    { ingest: { ...publishing, acceptedAt: NOW - 4_500, lagMs: 300 } },
    [],
  ],
  [
    'cuts a session that does not connect',
    { ingest: { ...idle, phase: 'connecting', since: NOW - 6_001 } },
    ['cut-session'],
  ],
  [
    'replaces a page that receives packets and delivers no frames',
    { media: { ...hostMedia, videoAt: NOW - 4_500 }, room: { ...room, packetsAt: NOW - 100 } },
    ['replace-page'],
  ],
  ['replaces a page that uses too much memory', { browser: { ...up, memoryMiB: 331 } }, ['replace-page']],
  [
    'keeps a page without heartbeat if the relay itself is late',
    { browser: { ...up, heartbeatAt: NOW - 4_001 }, resources: { ...wellOff, lateMs: 2_000 } },
    [],
  ],
];

describe('state and reason of the relay', () => {
  test.each(states)('%s', (_, facts, state, reason) => {
    expect(decide({ ...live, ...facts }, settings, NOW)).toMatchObject({ state, reason });
  });
});

describe('actions of the relay', () => {
  test.each(actions)('%s', (_, facts, expected) => {
    expect(decide({ ...live, ...facts }, settings, NOW).actions.map(({ type }) => type)).toEqual(expected);
  });
});

test('a page that hangs because of memory pressure is replaced with that reason', () => {
  const facts = {
    ...live,
    browser: { ...up, heartbeatAt: NOW - 4_001 },
    resources: { ...wellOff, refaultsPerSecond: 4_000 },
  };
  const expected = [{ type: 'replace-page', fault: { reason: 'MemoryPressure' } }];
  expect(decide(facts, settings, NOW).actions).toMatchObject(expected);
  // Memory pressure makes the relay late, too.
  const late = { ...facts, resources: { ...facts.resources, lateMs: 5_000 } };
  expect(decide(late, settings, NOW).actions).toMatchObject(expected);
});

test('a browser that only pages its code back in is replaced at once', () => {
  const resources = { ...wellOff, refaultsPerSecond: 50_000 };
  expect(decide({ ...live, resources }, settings, NOW).actions).toMatchObject([
    { type: 'replace-page', fault: { reason: 'MemoryPressure' } },
  ]);
  const young = { ...up, since: NOW - 2_000 };
  expect(decide({ ...live, resources, browser: young }, settings, NOW).actions).toEqual([]);
});

test('the low-quality stream is selected if a cap cannot be met without transcoding', () => {
  const facts: Facts = { ...live, plan: { ...nothingFits, reason: 'ResolutionTooHigh' } };
  const choices = (never: boolean): unknown[] =>
    decide(facts, { ...settings, neverTranscode: never }, NOW).actions.filter(
      ({ type }) => type === 'choose-stream',
    );
  expect(choices(true)).toEqual([{ type: 'choose-stream', stream: 'low' }]);
  expect(choices(false)).toEqual([]);
});

test('congestion selects the small stream of the host, and the high one again', () => {
  const choices = (stream: 'low' | 'high' | undefined, videoStream: 'low' | 'high'): readonly unknown[] =>
    decide(
      { ...live, congestion: { ...live.congestion, stream }, room: { ...room, videoStream } },
      settings,
      NOW,
    ).actions;
  expect(choices('low', 'high')).toEqual([{ type: 'choose-stream', stream: 'low' }]);
  expect(choices('low', 'low')).toEqual([]);
  expect(choices('high', 'low')).toEqual([{ type: 'choose-stream', stream: 'high' }]);
  expect(choices(undefined, 'low')).toEqual([]);
});

test('a session whose video is encoded again stays when the host changes its size', () => {
  const wider = { ...hostMedia, format: { ...h264, width: 1_920, height: 1_080 } };
  const types = (facts: Partial<Facts>): unknown[] =>
    decide({ ...live, media: wider, ...facts }, { ...settings, sessionPerSize: true }, NOW).actions.map(
      ({ type }) => type,
    );
  expect(types({})).toEqual(['close-session']);
  // The small stream of the host begins when what waits for the ingest has arrived.
  const congestion = { ...live.congestion, step: { kind: 'small-stream' } } as const;
  expect(types({ congestion, ingest: { ...publishing, lagMs: 1_200 } })).toEqual([]);
  expect(types({ congestion, ingest: { ...publishing, lagMs: 300 } })).toEqual(['close-session']);
  expect(types({ reencoder: { plan: transcode, failures: 0 } })).toEqual([]);
});

describe('the relay exits', () => {
  const exit = (facts: Partial<Facts>): unknown =>
    decide({ ...live, ...facts }, settings, NOW).actions.find(({ type }) => type === 'exit');

  test('after three refusals of the key, not after one', () => {
    const failed = { ...idle, failure: refused, refusedSince: NOW - 900 };
    expect(exit({ ingest: { ...failed, refusals: 2 } })).toBeUndefined();
    expect(exit({ ingest: { ...failed, refusals: 3 } })).toMatchObject({
      outcome: 'fatal',
      fault: { reason: 'IngestRejected' },
    });
  });

  test('after the time that a platform keeps a dead connection, if the key has worked before', () => {
    const failed = { ...idle, failure: refused, refusals: 9, keyWorked: true };
    expect(exit({ ingest: { ...failed, refusedSince: NOW - 34_000 } })).toBeUndefined();
    expect(exit({ ingest: { ...failed, refusedSince: NOW - 35_000 } })).toMatchObject({ outcome: 'fatal' });
  });

  test('after two refusals of the token', () => {
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

  test('with a retryable fault when the browser does not start', () => {
    expect(exit({ browser: { phase: 'down', retryAt: 0, failures: 9 } })).toMatchObject({
      outcome: 'retryable',
      fault: { reason: 'BrowserCrashed' },
    });
  });
});
