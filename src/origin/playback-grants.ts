import { createHash, createHmac } from 'node:crypto';
import type { OriginPlaybackGrant } from '../api/origin-contract.ts';
import type { SecretText } from '../base/secret-text.ts';
import type { PlaybackId } from './keys.ts';

/**
 * Addresses at which a signed stream can be played for a limited time. The token is a part of the path, before the
 * stream's playback id, so that the relative addresses of the segments contain it, too: players need no knowledge of
 * it, and all viewers share one playlist file. nginx verifies it by itself (ngx_http_secure_link_module), for every
 * segment.
 *
 * That module supports a single signature: MD5 of a text that ends with the key. It is sufficient here: because the
 * key comes last, a length extension of a digest is useless; and because everything before the key consists of digits
 * and hexadecimal digits that the origin wrote, an attacker cannot supply two texts with the same digest.
 */

/** The signed text; nginx fills in the variables. */
export const SIGNED_TEXT = '$until $viewer $playback';

/** The names of SIGNED_TEXT, and the signature, as nginx matches them in a path. */
export const SIGNED_PATH =
  '/signed/(?<until>[0-9]+)-(?<viewer>[0-9a-f]+)-(?<signature>[A-Za-z0-9_-]{22})/(?<playback>[0-9a-f]+)/';

/** Viewer of an address that is not bound to a viewer. */
export const ANYBODY = '0';

/** The signed address of the playlist. Valid until the end of the grant, rounded up to a second. */
export function grantedPlaybackUrl(
  publicUrl: string,
  key: SecretText,
  playbackId: PlaybackId,
  { expiresAt, viewerId }: OriginPlaybackGrant,
): string {
  const until = String(Math.ceil(Date.parse(expiresAt) / 1000));
  // Not the id itself: addresses are shared and logged, and the ids of viewers may be e-mail addresses.
  const viewer = viewerId === undefined ? ANYBODY : pseudonym(key, viewerId);
  const text = `${until} ${viewer} ${playbackId} ${key.reveal()}`;
  const signature = createHash('md5').update(text).digest('base64url');
  return `${publicUrl}/signed/${until}-${viewer}-${signature}/${playbackId}/index.m3u8`;
}

function pseudonym(key: SecretText, viewerId: string): string {
  return createHmac('sha256', key.reveal()).update(`viewer:${viewerId}`).digest('hex').slice(0, 16);
}
