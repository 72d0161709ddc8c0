/**
 * Limits of what a connection may take from the origin. Those that depend on the installation are settings
 * (settings.ts); the others are here, with the reason for their size.
 */

/**
 * Bytes that a connection may send before its key was accepted: RTMP's handshake (3 KiB) and three commands, of which
 * one carries the key and its parameters.
 */
export const UNPUBLISHED_BYTES = 32 * 1024;
/**
 * Time from the end of the TLS handshake until the key must have been accepted: five round trips, plus the time that an
 * accepted publisher waits for its packager.
 */
export const PUBLISH_WITHIN_MS = 10_000;
/** Connections that have not published yet. An honest one is among them for less than 2 s. */
export const MAX_UNPUBLISHED = 256;
/**
 * Chunk streams of one RTMP connection. FFmpeg, which the relays use, numbers its chunk streams up to 8. Each can hold an
 * unfinished message.
 */
export const CHUNK_STREAMS = 10;
/** No packager cuts a segment without a keyframe, so that its memory grows until one arrives. */
export const MAX_KEYFRAME_GAP_MS = 20_000;
/**
 * Time over which a publisher's bitrate is averaged: a relay sends what it held back during a short interruption faster than
 * the media plays.
 */
export const BITRATE_WINDOW_SECONDS = 10;
/** Players that are counted at the same time, of all streams: some 20 MiB. */
export const MAX_COUNTED_VIEWERS = 100_000;

/** Why the origin disconnected a publisher whose key it had accepted. */
export const cutReasons = ['bitrate', 'no-keyframe', 'packager-memory'] as const;
export type CutReason = (typeof cutReasons)[number];

/** Why the origin closed a connection before its key was accepted. */
export const gateRefusals = ['late', 'crowded', 'malformed'] as const;
export type GateRefusal = (typeof gateRefusals)[number];

/** Largest message of a publisher: a second of media, which is what the relay's encoder may put into one keyframe. */
export function maxMessageBytes(maxBitrateKbps: number): number {
  return Math.ceil(Math.max(1024, (maxBitrateKbps * 1000) / 8 / 1024)) * 1024;
}
