import type { LiveChannel } from '../../api/live-channel.ts';

/**
 * The strong ETag of a channel. It covers what can be changed of it: which object it is (uid) and the generation of
 * its spec. Not its status, and not the numbers: a change that was decided on what the app reads must not be refused
 * because a relay became healthy meanwhile. So it is for If-Match, and not for caches, which are told `no-store`.
 */
export function etagOf({ metadata }: Pick<LiveChannel, 'metadata'>): string {
  return `"${metadata.uid.slice(0, 8)}-${String(metadata.generation ?? 0)}"`;
}

/** RFC 9110, 13.1.1: `*`, or a list of which one is the strong ETag. undefined: no condition. */
export function matches(ifMatch: string | undefined, channel: Pick<LiveChannel, 'metadata'>): boolean {
  if (ifMatch === undefined || ifMatch.trim() === '*') return true;
  const etag = etagOf(channel);
  return ifMatch.split(',').some((each) => each.trim() === etag);
}
