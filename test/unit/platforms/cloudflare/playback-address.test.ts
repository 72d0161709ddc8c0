import { expect, test } from '@jest/globals';
import { liveInputSchema } from '../../../../src/platforms/cloudflare/cloudflare-answers.ts';
import {
  addressFor,
  deliveryBase,
  hlsAddress,
  lowLatencyAddress,
} from '../../../../src/platforms/cloudflare/playback-address.ts';

const input = liveInputSchema.parse({ uid: 'abc', rtmps: { url: 'rtmps://live/', streamKey: 'k' } });
const hls = 'https://customer-x.cloudflarestream.com/abc/manifest/video.m3u8';

test('the playback URL is the one that Cloudflare returns', () => {
  expect(hlsAddress({ ...input, playback: { hls: 'https://elsewhere/v.m3u8' } })).toBe(
    'https://elsewhere/v.m3u8',
  );
});

test('without one, the host is taken from the WebRTC URL', () => {
  const webRTCPlayback = { url: 'https://customer-x.cloudflarestream.com/abc/webRTC/play' };
  expect(hlsAddress({ ...input, webRTCPlayback })).toBe(hls);
  expect(hlsAddress({ ...input, webRTCPlayback: { url: 'nonsense' } })).toBeUndefined();
  expect(hlsAddress(input)).toBeUndefined();
});

test('low latency is requested in the query', () => {
  expect(lowLatencyAddress(hls)).toBe(`${hls}?protocol=llhls`);
  expect(lowLatencyAddress(`${hls}?dvrEnabled=true`)).toBe(`${hls}?dvrEnabled=true&protocol=llhls`);
});

test('the URL of another input on the same host, and the base URL', () => {
  expect(addressFor(hls, 'abc', 'def')).toBe(hls.replace('abc', 'def'));
  expect(addressFor(hls, 'ab', 'def')).toBeUndefined();
  expect(deliveryBase(hls)).toBe('https://customer-x.cloudflarestream.com/abc');
  expect(deliveryBase('https://elsewhere/v.m3u8')).toBeUndefined();
});
