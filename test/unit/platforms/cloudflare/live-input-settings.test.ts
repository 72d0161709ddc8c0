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

/** An input as Cloudflare returns it, created with `wantedSettings`, and then changed. */
function inputWith(wanted: PlaybackOptions, days: number | undefined, change: object = {}): LiveInput {
  return liveInputSchema.parse({
    uid: 'x',
    rtmps: { url: 'rtmps://live/', streamKey: 'k' },
    ...wantedSettings(wanted, days),
    meta: metaOf({ name: 'n', owner, ...wanted }),
    ...change,
  });
}

test('recording.mode is always automatic, because there is no HLS without it', () => {
  fc.assert(
    fc.property(options, (wanted) => {
      expect(wantedSettings(wanted, undefined).recording.mode).toBe('automatic');
    }),
  );
});

describe('retention of recordings', () => {
  test.each([
    ['off', undefined, 30],
    ['off', 90, 30],
    ['automatic', undefined, undefined],
    ['automatic', 90, 90],
  ] as const)('recording %s, %s days in the spec: %s', (recording, days, expected) => {
    expect(wantedSettings({ ...plain, recording }, days).deleteRecordingAfterDays).toBe(expected);
  });
});

test('the options and the owner are read back from the input', () => {
  fc.assert(
    fc.property(options, (wanted) => {
      const meta = metaOf({ name: 'n', owner, ...wanted });
      expect(optionsOf(meta)).toEqual(wanted);
      expect(ownerOf(meta)).toEqual(owner);
    }),
  );
});

test('a disowned input keeps its name and has no owner', () => {
  const meta = disownedMeta({ ...metaOf({ name: 'n', owner, ...plain }), team: 'video' });
  expect(ownerOf(Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, String(value)])))).toBe(
    undefined,
  );
  expect(meta).toMatchObject({ name: 'n', team: 'video' });
});

describe('correcting an input', () => {
  test('that is unchanged changes nothing', () => {
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
    ['was disabled by an operator that crashed', { enabled: false }],
    ['is not recorded, and so has no HLS', { recording: { mode: 'off' } }],
    ['is public', { recording: { mode: 'automatic', requireSignedURLs: false } }],
    ['has another latency', { preferLowLatency: true }],
    ['keeps recordings without a limit', { deleteRecordingAfterDays: null }],
  ])('that %s', (_what, change) => {
    const signed = { ...plain, access: 'signed' } as const;
    expect(corrections(inputWith(signed, undefined, change), undefined)).toMatchObject(
      wantedSettings(signed, undefined),
    );
  });

  test('preserves other fields of recording, because a PUT replaces the whole object', () => {
    const change = { recording: { mode: 'off', allowedOrigins: ['example.com'], timeoutSeconds: 7 } };
    expect(corrections(inputWith(plain, undefined, change), undefined)).toMatchObject({
      recording: { mode: 'automatic', allowedOrigins: ['example.com'], timeoutSeconds: 7 },
    });
  });

  test('that the operator has not created changes nothing', () => {
    const change = { meta: { name: 'by hand' }, enabled: false };
    expect(corrections(inputWith(plain, undefined, change), undefined)).toBeUndefined();
  });
});
