import { createHmac } from 'node:crypto';
import { SecretText } from '../base/secret-text.ts';
import { sha256Hex } from '../base/digest.ts';

/**
 * Keys and playback ids are derived from one master secret and the stream's id, so that the origin needs no
 * database: after its state is lost, the same PUT gives the same key and the same playback URL again.
 * HMAC with separate prefixes: neither value tells anything about the other.
 */

declare const playbackIdBrand: unique symbol;
/** The public name of a stream: 32 hex digits. In playback URLs, and in RTMP once a publisher was accepted. */
export type PlaybackId = string & { readonly [playbackIdBrand]: true };

/** 40 hex digits; another version gives an unrelated key. */
export function deriveStreamKey(master: SecretText, id: string, keyVersion: number): SecretText {
  return new SecretText(hmac(master, `key:${id}:${String(keyVersion)}`).slice(0, 40));
}

export function derivePlaybackId(master: SecretText, id: string): PlaybackId {
  return hmac(master, `playback:${id}`).slice(0, 32) as PlaybackId; // the one place where they are made
}

/** Signs addresses of signed streams (playback-grants.ts). Anything but a backslash, a quote or a "$" in it: nginx reads it. */
export function derivePlaybackKey(master: SecretText): SecretText {
  return new SecretText(hmac(master, 'playback-grants'));
}

/** What keys are looked up by, so that the time of a look-up tells nothing of the keys. */
export function keyFingerprint(key: string): string {
  return sha256Hex(key);
}

function hmac(master: SecretText, message: string): string {
  return createHmac('sha256', master.reveal()).update(message).digest('hex');
}
