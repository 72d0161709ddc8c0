import { createHash, createHmac } from 'node:crypto';
import type { OriginPlaybackGrant } from '../api/origin-contract.ts';
import type { SecretText } from '../base/secret-text.ts';
import type { PlaybackId } from './keys.ts';

/**
 * Addresses at which a signed stream plays for a while. The token is a part of the path, before the stream's playback
 * id, so that the segments' relative addresses in the playlist carry it too: players need not know of it, and the
 * playlist is one file for all. nginx checks it by itself (ngx_http_secure_link_module), for every segment.
 *
 * That module knows one way to sign: MD5 of a text that ends with the key. It holds here: the key comes last, so no
 * digest can be lengthened into another one, and all before it are digits and hexadecimal digits that we wrote, so
 * nobody can bring two texts of one digest.
 */

/** What is signed; nginx fills in the variables. */
export const SIGNED_TEXT = '$until $viewer $playback';

/** The names in SIGNED_TEXT, and the signature, as nginx finds them in an address. */
export const SIGNED_PATH =
  '/signed/(?<until>[0-9]+)-(?<viewer>[0-9a-f]+)-(?<signature>[A-Za-z0-9_-]{22})/(?<playback>[0-9a-f]+)/';

/** Viewer of an address that is anybody's. */
export const ANYBODY = '0';

/** The address of the playlist. Good until the grant's end, rounded up to a second. */
export function grantedPlaybackUrl(
  publicUrl: string,
  key: SecretText,
  playbackId: PlaybackId,
  { expiresAt, viewerId }: OriginPlaybackGrant,
): string {
  const until = String(Math.ceil(Date.parse(expiresAt) / 1000));
  // Not the id itself: addresses are passed on and logged, and ids of viewers are e-mail addresses sometimes.
  const viewer = viewerId === undefined ? ANYBODY : pseudonym(key, viewerId);
  const text = `${until} ${viewer} ${playbackId} ${key.reveal()}`;
  const signature = createHash('md5').update(text).digest('base64url');
  return `${publicUrl}/signed/${until}-${viewer}-${signature}/${playbackId}/index.m3u8`;
}

function pseudonym(key: SecretText, viewerId: string): string {
  return createHmac('sha256', key.reveal()).update(`viewer:${viewerId}`).digest('hex').slice(0, 16);
}
