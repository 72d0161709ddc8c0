import { expect, test } from '@jest/globals';
import { playbackOf } from '../../../src/audit/playback-url.ts';
import { channel, record } from '../../support/platforms/listed-streams.ts';

const url = 'https://play.example/1.m3u8';
const status = { hlsPlaybackUrl: url };
const signed = { playback: { access: 'signed' } };

test('a public channel has one URL', () => {
  expect(playbackOf(channel('auction', [record()], { status }))).toEqual({ access: 'public', url });
});

test('a signed URL is signed by the active platform, not by the migration target', () => {
  const records = [record({ role: 'incoming', platform: 'mux', id: 'stream-2' }), record()];
  expect(playbackOf(channel('auction', records, { spec: signed, status }))).toEqual({
    access: 'signed',
    platform: 'ivs',
    id: 'stream-1',
  });
});

test('a channel without a stream has no URL, and the error contains the reason of its condition', () => {
  expect(playbackOf(channel('auction', [], { spec: signed }))).toEqual({
    access: 'none',
    why: 'the operator has not reconciled it yet.',
  });
  const conditions = [
    {
      type: 'Ready',
      status: 'False',
      reason: 'QuotaExceeded',
      message: 'The account is full.',
      lastTransitionTime: '2026-11-01T00:00:00Z',
    },
  ];
  expect(playbackOf(channel('auction', [], { status: { conditions } }))).toEqual({
    access: 'none',
    why: 'QuotaExceeded: The account is full.',
  });
});
