import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { liveInputSchema, type LiveInput } from '../../../../src/platforms/cloudflare/cloudflare-answers.ts';
import {
  corrections,
  disownedMeta,
  metaOf,
  optionsOf,
  wantedSettings,
} from '../../../../src/platforms/cloudflare/live-input-settings.ts';
import { ownerOf } from '../../../../src/platforms/owner-tags.ts';
import type { PlaybackOptions } from '../../../../src/platforms/platform.ts';

const owner = { clusterId: 'c', platform: 'p', channelUid: 'u', channel: 'shop/auction' };
const plain = { latency: 'standard', access: 'public', recording: 'off' } as const;
const options = fc.record<PlaybackOptions>({
  latency: fc.constantFrom('standard', 'low'),
  access: fc.constantFrom('public', 'signed'),
  recording: fc.constantFrom('off', 'automatic'),
});

/** As Cloudflare answers it, made with what `wantedSettings` says, and then changed. */
function inputWith(wanted: PlaybackOptions, days: number | undefined, change: object = {}): LiveInput {
  return liveInputSchema.parse({
    uid: 'x',
    rtmps: { url: 'rtmps://live/', streamKey: 'k' },
    ...wantedSettings(wanted, days),
    meta: metaOf({ name: 'n', owner, ...wanted }),
    ...change,
  });
}

test('recording.mode is automatic whatever the channel asks: without it there is no HLS', () => {
  fc.assert(
    fc.property(options, (wanted) => {
      expect(wantedSettings(wanted, undefined).recording.mode).toBe('automatic');
    }),
  );
});

describe('the life of recordings', () => {
  test.each([
    ['off', undefined, 30],
    ['off', 90, 30],
    ['automatic', undefined, undefined],
    ['automatic', 90, 90],
  ] as const)('recording %s, %s days in the spec: %s', (recording, days, expected) => {
    expect(wantedSettings({ ...plain, recording }, days).deleteRecordingAfterDays).toBe(expected);
  });
});

test('what a channel asked for, and whose it is, is read back from the input', () => {
  fc.assert(
    fc.property(options, (wanted) => {
      const meta = metaOf({ name: 'n', owner, ...wanted });
      expect(optionsOf(meta)).toEqual(wanted);
      expect(ownerOf(meta)).toEqual(owner);
    }),
  );
});

test('an input that was disowned keeps its name and is nobody’s', () => {
  const meta = disownedMeta({ ...metaOf({ name: 'n', owner, ...plain }), team: 'video' });
  expect(ownerOf(Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, String(value)])))).toBe(
    undefined,
  );
  expect(meta).toMatchObject({ name: 'n', team: 'video' });
});

describe('bringing an input in line', () => {
  test('one that is as it was made is left alone', () => {
    fc.assert(
      fc.property(
        options,
        fc.option(fc.integer({ min: 30, max: 1096 }), { nil: undefined }),
        (wanted, days) => {
          expect(corrections(inputWith(wanted, days), days)).toBeUndefined();
        },
      ),
    );
  });

  test.each([
    ['disabled by an operator that crashed', { enabled: false }],
    ['not recorded, so without HLS', { recording: { mode: 'off' } }],
    ['open to everybody', { recording: { mode: 'automatic', requireSignedURLs: false } }],
    ['of another latency', { preferLowLatency: true }],
    ['keeping recordings for ever', { deleteRecordingAfterDays: null }],
  ])('one that is %s', (_what, change) => {
    const signed = { ...plain, access: 'signed' } as const;
    expect(corrections(inputWith(signed, undefined, change), undefined)).toMatchObject(
      wantedSettings(signed, undefined),
    );
  });

  test('what else is set inside of recording is sent along, as a PUT replaces it whole', () => {
    const change = { recording: { mode: 'off', allowedOrigins: ['example.com'], timeoutSeconds: 7 } };
    expect(corrections(inputWith(plain, undefined, change), undefined)).toMatchObject({
      recording: { mode: 'automatic', allowedOrigins: ['example.com'], timeoutSeconds: 7 },
    });
  });

  test('an input that no operator made is left as it is', () => {
    const change = { meta: { name: 'by hand' }, enabled: false };
    expect(corrections(inputWith(plain, undefined, change), undefined)).toBeUndefined();
  });
});
