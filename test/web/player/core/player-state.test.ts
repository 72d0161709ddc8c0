import { expect, test } from '@jest/globals';
import { playerState, type StateFacts } from '../../../../src/web/player/core/player-state.ts';
import type { PlayerState } from '../../../../src/web/player/core/snapshot.ts';
import { initialSupervision, type Supervision } from '../../../../src/web/player/core/supervision.ts';
import { calmFacts, offAir, onAir, over, plainChannel } from '../facts.ts';

const loaded = { url: 'https://cdn.example/a.m3u8', stream: 'a', at: 1_000 };
const now = 60_000;
const fresh = {
  level: 0,
  firstSegment: 1,
  lastSegment: 8,
  targetMs: 2_000,
  ended: false,
  readAt: now,
  advancedAt: now,
};
const trouble = (kind: NonNullable<Supervision['trouble']>['kind']): Partial<Supervision> => ({
  loaded,
  trouble: { kind, at: now - 100 },
  retryAt: now + 900,
  attempts: 1,
});
const seen = { hasPicture: true, movedAt: now - 3_000 };

const table: readonly [PlayerState, string, Partial<StateFacts>, Partial<Supervision>][] = [
  ['unsupported', 'the browser has no HLS', { engine: 'unsupported' }, {}],
  [
    'connecting',
    'the service has not answered',
    { channel: { ...offAir, service: 'unknown', url: undefined } },
    {},
  ],
  ['connecting', 'the first playlist is loading', {}, { loaded: { ...loaded, at: now - 1_000 } }],
  ['connecting', 'the engine is loading', { engine: 'opening' }, {}],
  ['waiting-for-host', 'the channel is not on air', { channel: offAir }, {}],
  ['waiting-for-host', 'a plain address has no playlist yet', {}, trouble('network')],
  [
    'waiting-for-host',
    'the host has left',
    { channel: { ...offAir, begun: true }, ...seen },
    trouble('network'),
  ],
  [
    'platform-out',
    'the relay is in error',
    { channel: { ...offAir, failing: true }, ...seen },
    trouble('network'),
  ],
  ['tap-to-play', 'the browser requires a tap', { blocked: true, pausedSince: 0 }, { loaded }],
  ['tap-to-play', 'the page does not begin by itself', { pausedSince: 0 }, {}],
  ['paused', 'the viewer has paused', { pausedSince: 0, pausedByViewer: true, ...seen }, { loaded }],
  ['playing', 'the playhead advances', { hasPicture: true, movedAt: now - 200 }, { loaded, playlist: fresh }],
  ['playing', 'the buffer still plays', { hasPicture: true, movedAt: now - 200 }, trouble('network')],
  ['playing', 'the service is away', { channel: { ...onAir, service: 'away' }, movedAt: now }, { loaded }],
  ['buffering', 'media is late', seen, { loaded, playlist: fresh }],
  ['reconnecting', 'a request has failed', seen, { loaded, playlist: fresh, failedRequestAt: now - 1_000 }],
  ['reconnecting', 'there is no network', { ...seen, online: false }, { loaded, playlist: fresh }],
  [
    'reconnecting',
    'the playlist is stale',
    seen,
    { loaded, playlist: { ...fresh, advancedAt: now - 7_000 } },
  ],
  ['reconnecting', 'the stream fails although it is on air', { channel: onAir, ...seen }, trouble('network')],
  [
    'reconnecting',
    'the service does not answer at all',
    { channel: { ...offAir, service: 'away', url: undefined } },
    {},
  ],
  ['reconnecting', 'the code of the engine cannot be loaded', { engine: 'failed' }, {}],
  [
    'migrating',
    'another stream is loading',
    { channel: onAir, movedAt: 500, hasPicture: true },
    { loaded, migrating: true },
  ],
  ['ended', 'the show is over', { channel: over, ...seen }, {}],
  [
    'ended',
    'a paused viewer has missed the end',
    { channel: over, pausedSince: 0, pausedByViewer: true },
    {},
  ],
  ['ended', 'the playlist of a plain address has ended', seen, trouble('ended')],
  [
    'waiting-for-host',
    'the playlist has ended, and the show has not',
    { channel: { ...offAir, begun: true } },
    trouble('ended'),
  ],
  ['ended', 'the channel was deleted', { channel: { ...over, refused: 'not-found', url: undefined } }, {}],
  ['not-allowed', 'the service refuses the viewer', { channel: { ...onAir, refused: 'not-allowed' } }, {}],
  [
    'not-allowed',
    'the ticket has expired',
    { channel: { ...offAir, refused: 'ticket-expired', url: undefined } },
    {},
  ],
  ['not-allowed', 'a renewed address is refused', seen, { ...trouble('expired'), attempts: 2 }],
  [
    'use-agora',
    'viewers are on Agora',
    { channel: { ...onAir, mode: 'agora-only' }, movedAt: now },
    { loaded },
  ],
  [
    'playing',
    'viewers will be sent to Agora later',
    { channel: { ...onAir, mode: 'agora-only', modeAt: calmFacts.epochMs + 5_000 }, movedAt: now },
    { loaded },
  ],
];

test.each(table)('%s: %s', (state, _why, facts, memory) => {
  const view = playerState(
    { ...calmFacts, now, channel: plainChannel, ...facts },
    { ...initialSupervision, ...memory },
  );
  expect(view.state).toBe(state);
});

test('a state that is tried again says when', () => {
  const facts = { ...calmFacts, now, ...seen };
  expect(playerState(facts, { ...initialSupervision, ...trouble('network') }).retryAt).toBe(now + 900);
});
