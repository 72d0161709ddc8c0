import { expect, test } from '@jest/globals';
import { playbackOf } from '../../../src/audit/playback-url.ts';
import { channel, record } from '../../support/platforms/listed-streams.ts';

const url = 'https://play.example/1.m3u8';
const status = { hlsPlaybackUrl: url };
const signed = { playback: { access: 'signed' } };

test('a public channel has one address', () => {
  expect(playbackOf(channel('auction', [record()], { status }))).toEqual({ access: 'public', url });
});

test('a signed one is signed by the platform that serves it, not by the one that it moves to', () => {
  const records = [record({ role: 'incoming', platform: 'mux', id: 'stream-2' }), record()];
  expect(playbackOf(channel('auction', records, { spec: signed, status }))).toEqual({
    access: 'signed',
    platform: 'ivs',
    stream: { id: 'stream-1', playbackUrl: url },
  });
});

test('one without a stream cannot be watched, for the reason that its condition gives', () => {
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
