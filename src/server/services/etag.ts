import type { LiveChannel } from '../../api/live-channel.ts';

/**
 * The strong ETag of a channel. It covers the object (uid) and the generation of its spec, but not status and numbers: a
 * change must not be rejected because a relay has become healthy since the app read the channel. So the ETag is meant for
 * If-Match and does not show whether a cached response is current.
 */
export function etagOf({ metadata }: Pick<LiveChannel, 'metadata'>): string {
  return `"${metadata.uid.slice(0, 8)}-${metadata.generation ?? 0}"`;
}

/** Evaluates If-Match (RFC 9110, 13.1.1): `*`, or a list that contains the strong ETag. undefined: no condition. */
export function matches(ifMatch: string | undefined, channel: Pick<LiveChannel, 'metadata'>): boolean {
  if (ifMatch === undefined || ifMatch.trim() === '*') return true;
  const etag = etagOf(channel);
  return ifMatch.split(',').some((each) => each.trim() === etag);
}
