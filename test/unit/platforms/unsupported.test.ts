import { expect, test } from '@jest/globals';
import type { PlaybackOptions } from '../../../src/platforms/platform.ts';
import { refuseUnsupported, unsupportedOptions } from '../../../src/platforms/unsupported.ts';

const usual: PlaybackOptions = { latency: 'standard', access: 'public', recording: 'off' };
const all: PlaybackOptions = { latency: 'low', access: 'signed', recording: 'automatic' };
const plain = {
  latencies: ['standard'],
  recording: false,
  signedPlayback: false,
  takeover: undefined,
  keyframeSeconds: { min: 1, max: 10 },
  maxHeight: 1080,
  maxVideoBitrateKbps: 1000,
  sizeChange: 'new-session',
  constantBitrate: false,
  idempotentCreate: true,
  settleSeconds: 0,
  maxStreams: undefined,
} as const;
const rich = { ...plain, latencies: ['standard', 'low'], recording: true, signedPlayback: true } as const;

test('supported options are accepted', () => {
  for (const [options, capabilities] of [
    [usual, plain],
    [usual, rich],
    [all, rich],
  ] as const) {
    expect(unsupportedOptions(options, capabilities)).toEqual([]);
    expect(() => {
      refuseUnsupported('It', options, capabilities);
    }).not.toThrow();
  }
});

test('all unsupported options are reported at once, in terms of the spec, with the supported values', () => {
  const refuse = (): void => {
    refuseUnsupported('The box', all, plain);
  };
  expect(refuse).toThrow(
    'The box does not offer playback.latency low (it has: standard), nor playback.access signed (it has: public), ' +
      "nor playback.recording automatic (it has: off). Change the channel's spec or its platform.",
  );
  expect(refuse).toThrow(expect.objectContaining({ reason: 'InvalidConfiguration', outcome: 'none' }));
});
