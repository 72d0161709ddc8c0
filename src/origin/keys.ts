import { createHmac } from 'node:crypto';
import { SecretText } from '../base/secret-text.ts';
import { sha256Hex } from '../base/digest.ts';

/**
 * Keys and playback ids are derived from one master secret and the stream's id, so that the origin needs no database:
 * after a loss of its state, the same PUT results in the same key and playback URL. HMAC with separate prefixes:
 * neither value reveals anything about the other.
 */

declare const playbackIdBrand: unique symbol;
/**
 * The public name of a stream: 32 hex digits. Used in playback URLs, and in RTMP once a publisher has been accepted.
 */
export type PlaybackId = string & { readonly [playbackIdBrand]: true };

/** A stream key of 40 hex digits; another version results in an unrelated key. */
export function deriveStreamKey(master: SecretText, id: string, keyVersion: number): SecretText {
  return new SecretText(hmac(master, `key:${id}:${keyVersion}`).slice(0, 40));
}

/** The playback id of a stream. */
export function derivePlaybackId(master: SecretText, id: string): PlaybackId {
  return hmac(master, `playback:${id}`).slice(0, 32) as PlaybackId; // the only place where the type is assigned
}

/**
 * The key that signs playback addresses (playback-grants.ts). It may contain anything except a backslash, a quote and
 * "$", because it is written into nginx's configuration.
 */
export function derivePlaybackKey(master: SecretText): SecretText {
  return new SecretText(hmac(master, 'playback-grants'));
}

/** Hash by which keys are looked up, so that the time of a lookup reveals nothing about them. */
export function keyFingerprint(key: string): string {
  return sha256Hex(key);
}

function hmac(master: SecretText, message: string): string {
  return createHmac('sha256', master.reveal()).update(message).digest('hex');
}
