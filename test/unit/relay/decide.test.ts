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
  ['all is well', {}, 'live', 'Live'],
  ['the relay was asked to stop', { stopping: true }, 'stopping', 'ShuttingDown'],
  [
    'the browser is on its way',
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
    'the browser crashed, and what was sent is still being taken',
    { browser: { phase: 'down', retryAt: NOW + 1, failures: 1 } },
    'live',
    'Live',
  ],
  [
    'the browser crashed and nothing is taken any more',
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
    {
      room: { ...room, host: { ...host, video: false }, videoSince: undefined },
      ingest: idle,
      media: noMedia,
    },
    'waiting',
    'WaitingForHost',
  ],
  [
    'what the host sends cannot be sent on',
    { plan: nothingFits, ingest: idle },
    'waiting',
    'CodecUnsupported',
  ],
  [
    'the host is away and its last picture is held',
    { room: noHost, media: { ...hostMedia, videoAt: NOW - 9_000, heldSince: NOW - 8_500 } },
    'live',
    'LastFrameHeld',
  ],
  [
    'the browser is on its way back and the last picture is held',
    {
      browser: { phase: 'starting', since: NOW, failures: 0 },
      media: { ...hostMedia, videoAt: NOW - 2_000, heldSince: NOW - 1_500 },
    },
    'live',
    'LastFrameHeld',
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
    'replaces a page that gives no sign of life',
    { browser: { ...up, heartbeatAt: NOW - 4_001 } },
    ['replace-page'],
  ],
  [
    'replaces a page that hangs in joining',
    { room: { ...noHost, phase: 'joining', since: NOW - 30_001 }, ingest: idle, media: noMedia },
    ['replace-page'],
  ],
  ['joins', { room: { ...noHost, phase: 'out' }, ingest: idle, media: noMedia }, ['join']],
  [
    'joins anew when a host that publishes is not heard',
    {
      media: { ...noMedia, videoAt: NOW - 15_001 },
      room: { ...room, packetsAt: NOW - 15_000 },
      ingest: idle,
    },
    ['join'],
  ],
  ['waits for a host for ever', { room: noHost, media: noMedia, ingest: idle }, []],
  ['opens a session for fresh pictures', { ingest: idle }, ['open-session']],
  ['opens none on standby', { standby: true, ingest: idle }, []],
  ['ends the session on standby', { standby: true }, ['close-session']],
  ['opens none before its time', { ingest: { ...idle, retryAt: NOW + 1 } }, []],
  ['opens none for what cannot be passed on', { ingest: idle, plan: nothingFits }, []],
  [
    'opens one for sound alone, with a picture that stands in',
    {
      ingest: idle,
      room: { ...room, host: { ...host, video: false }, videoSince: undefined },
      media: { ...noMedia, audioAt: NOW - 20, heldSince: NOW - 1_000 },
    },
    ['open-session'],
  ],
  [
    'opens none for a held picture that nobody feeds',
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
    'ends the session when the host stays away',
    {
      room: noHost,
      media: { ...hostMedia, videoAt: NOW - 600_001, audioAt: NOW - 600_001, heldSince: NOW - 599_000 },
    },
    ['close-session'],
  ],
  [
    'ends the session when it is to be made otherwise',
    { plan: { ...live.plan, plan: transcode } },
    ['close-session'],
  ],
  [
    'ends the session when the picture has another size',
    { media: { ...hostMedia, format: { ...h264, width: 720, height: 1_280 } } },
    ['close-session'],
  ],
  [
    'keeps a session of fixed size whatever size the picture has',
    {
      plan: { ...live.plan, plan: transcode },
      ingest: { ...publishing, plan: transcode },
      media: { ...hostMedia, format: { ...h264, width: 720, height: 1_280 } },
    },
    [],
  ],
  [
    'does not end it twice',
    { ingest: { ...publishing, phase: 'closing' }, media: noMedia, room: noHost },
    [],
  ],
  [
    'cuts a session whose FFmpeg gives nothing out',
    { ingest: { ...publishing, encodedAt: NOW - 2_501 } },
    ['cut-session'],
  ],
  [
    'cuts a session of which nothing is acknowledged',
    { ingest: { ...publishing, acceptedAt: NOW - 3_600, lagMs: 3_600 } },
    ['cut-session'],
  ],
  [
    'bears with one that is slow and takes what it can',
    { ingest: { ...publishing, acceptedAt: NOW - 100, lagMs: 4_000 } },
    [],
  ],
  ['cuts one that is hopelessly behind', { ingest: { ...publishing, lagMs: 10_001 } }, ['cut-session']],
  [
    'does not blame the ingest for acknowledging rarely',
    { ingest: { ...publishing, acceptedAt: NOW - 4_500, lagMs: 300 } },
    [],
  ],
  [
    'cuts a session that does not come about',
    { ingest: { ...idle, phase: 'connecting', since: NOW - 6_001 } },
    ['cut-session'],
  ],
  [
    'replaces a page that receives and hands nothing on',
    { media: { ...hostMedia, videoAt: NOW - 4_500 }, room: { ...room, packetsAt: NOW - 100 } },
    ['replace-page'],
  ],
  ['replaces a page that grew too large', { browser: { ...up, memoryMiB: 331 } }, ['replace-page']],
  [
    'does not believe that the page is dead when it is late itself',
    { browser: { ...up, heartbeatAt: NOW - 4_001 }, resources: { ...wellOff, lateMs: 2_000 } },
    [],
  ],
];

describe('what the relay says it is when', () => {
  test.each(states)('%s', (_, facts, state, reason) => {
    expect(decide({ ...live, ...facts }, settings, NOW)).toMatchObject({ state, reason });
  });
});

describe('what the relay does', () => {
  test.each(actions)('%s', (_, facts, expected) => {
    expect(decide({ ...live, ...facts }, settings, NOW).actions.map(({ type }) => type)).toEqual(expected);
  });
});

test('a page that is dead for want of memory says so', () => {
  const facts = {
    ...live,
    browser: { ...up, heartbeatAt: NOW - 4_001 },
    resources: { ...wellOff, refaultsPerSecond: 4_000 },
  };
  const expected = [{ type: 'replace-page', fault: { reason: 'MemoryPressure' } }];
  expect(decide(facts, settings, NOW).actions).toMatchObject(expected);
  // Want of memory makes the relay late, too.
  const late = { ...facts, resources: { ...facts.resources, lateMs: 5_000 } };
  expect(decide(late, settings, NOW).actions).toMatchObject(expected);
});

test('a browser that only reads its program back is not waited for', () => {
  const resources = { ...wellOff, refaultsPerSecond: 50_000 };
  expect(decide({ ...live, resources }, settings, NOW).actions).toMatchObject([
    { type: 'replace-page', fault: { reason: 'MemoryPressure' } },
  ]);
  const young = { ...up, since: NOW - 2_000 };
  expect(decide({ ...live, resources, browser: young }, settings, NOW).actions).toEqual([]);
});

test('the small stream is chosen where a cap may not be met by encoding again', () => {
  const facts: Facts = { ...live, plan: { ...nothingFits, reason: 'ResolutionTooHigh' } };
  const choices = (never: boolean): unknown[] =>
    decide(facts, { ...settings, neverTranscode: never }, NOW).actions.filter(
      ({ type }) => type === 'choose-stream',
    );
  expect(choices(true)).toEqual([{ type: 'choose-stream', stream: 'low' }]);
  expect(choices(false)).toEqual([]);
});

describe('when it cannot go on', () => {
  const exit = (facts: Partial<Facts>): unknown =>
    decide({ ...live, ...facts }, settings, NOW).actions.find(({ type }) => type === 'exit');

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
