import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SecretText } from '../../../src/base/secret-text.ts';
import { derivePlaybackId } from '../../../src/origin/keys.ts';
import { grantedPlaybackUrl, SIGNED_PATH } from '../../../src/origin/playback-grants.ts';

const key = new SecretText('the-playback-key');
const id = derivePlaybackId(new SecretText('a master secret that is long enough'), 'lc-1');
const other = derivePlaybackId(new SecretText('a master secret that is long enough'), 'lc-2');
const expiresAt = '2030-01-01T00:00:00.000Z';
const sign = (grant: { expiresAt?: string; viewerId?: string } = {}, playback = id, by = key): string =>
  grantedPlaybackUrl('http://origin', by, playback, { expiresAt, ...grant });
const partsOf = (url: string): Record<string, string> =>
  new RegExp(`^${SIGNED_PATH}index\\.m3u8$`).exec(new URL(url).pathname)?.groups ?? {};

test('a signed URL is parsed by nginx, for any viewer', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (viewerId) => {
      expect(partsOf(sign({ viewerId }))).toMatchObject({ playback: id, until: '1893456000' });
    }),
  );
  expect(partsOf(sign())).toMatchObject({ viewer: '0' });
});

test('a signed URL is valid until the end of the second in which the grant expires', () => {
  expect(partsOf(sign({ expiresAt: '2030-01-01T00:00:00.001Z' }))['until']).toBe('1893456001');
});

test('a signed URL differs for another stream, time, viewer or key', () => {
  const signatures = [
    sign(),
    sign({}, other),
    sign({ expiresAt: '2030-01-01T00:00:01Z' }),
    sign({ viewerId: 'a' }),
    sign({ viewerId: 'b' }),
    sign({}, id, new SecretText('another key')),
  ].map((url) => partsOf(url)['signature']);
  expect(new Set(signatures).size).toBe(signatures.length);
});

test('a signed URL distinguishes viewers without containing their ids', () => {
  const url = sign({ viewerId: 'ann@example.com' });
  expect(url).toBe(sign({ viewerId: 'ann@example.com' }));
  expect(url).not.toContain('ann');
  expect(partsOf(url)['viewer']).toMatch(/^[0-9a-f]{16}$/);
});
