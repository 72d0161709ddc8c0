/** @jest-environment node */
import { expect, test } from '@jest/globals';
import { previewAddress } from '../../../../src/api/origin-viewer.ts';
import type { ChannelSource, ChannelState } from '../../../../src/web/player/channel/channel-state.ts';
import { plainSource } from '../../../../src/web/player/channel/plain-source.ts';
import { lowestQuality } from '../../../../src/web/seller/preview/lowest-quality.ts';
import { previewPrice } from '../../../../src/web/seller/preview/preview-price.ts';
import { previewSource } from '../../../../src/web/seller/preview/preview-source.ts';
import { playing } from '../../player/fake-player.ts';

test.each([
  ['https://hls.example/hls/0a1b/index.m3u8', 'https://hls.example/hls/0a1b/index.m3u8?viewer=preview'],
  [
    'https://hls.example/signed/1790000000-0-abc_DEF-ghi/0a1b/index.m3u8',
    'https://hls.example/signed/1790000000-0-abc_DEF-ghi/0a1b/index.m3u8?viewer=preview',
  ],
  ['https://cdn.example/live.m3u8?token=a.b.c', 'https://cdn.example/live.m3u8?token=a.b.c'],
  ['nonsense', 'nonsense'],
])('the preview of %s is loaded from %s', (address, previewed) => {
  expect(previewAddress(address)).toBe(previewed);
});

test('the preview follows the channel, with an address of its own', () => {
  let changed: ((state: ChannelState) => void) | undefined;
  const url = 'https://hls.example/hls/0a1b/index.m3u8';
  const source: ChannelSource = {
    ...plainSource(url),
    subscribe: (call) => {
      changed = call;
      return () => undefined;
    },
  };
  const preview = previewSource(source);
  expect(preview.state().url).toBe(`${url}?viewer=preview`);
  // The same object, so that nothing is loaded again.
  expect(preview.state()).toBe(preview.state());
  const urls: unknown[] = [];
  preview.subscribe((state) => urls.push(state.url));
  changed?.({ ...source.state(), url: undefined });
  expect(urls).toEqual([undefined]);
});

test('the lowest level is chosen, if there is a choice', () => {
  const { quality } = playing;
  expect(lowestQuality(quality)).toBe(480);
  expect(lowestQuality({ ...quality, choice: 480 })).toBeUndefined();
  expect(lowestQuality({ ...quality, options: [{ height: 720, kbps: 1 }] })).toBeUndefined();
});

test('an hour of preview costs as one more viewer on HLS', () => {
  const option = { mode: 'hls-only', usdPerHour: 1, delaySeconds: 6 } as const;
  const delivery = { chosen: undefined, breakEvenViewers: undefined };
  const price = (usdPerThousandViewerMinutes: number | undefined): number | undefined =>
    previewPrice({ ...delivery, options: [{ ...option, usdPerThousandViewerMinutes }] });
  expect(price(0.5)).toBe(0.03);
  expect(price(0)).toBe(0);
  expect(price(undefined)).toBeUndefined();
  expect(previewPrice(undefined)).toBeUndefined();
});
