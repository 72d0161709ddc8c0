import { appLabels } from '../../api/app-labels.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { sha256Hex } from '../../base/digest.ts';

/**
 * The strong ETag of a channel. It covers the object (uid), the generation of its spec and its labels, but not status and
 * numbers: a change must not be rejected because a relay has become healthy since the app read the channel. So the ETag is
 * meant for If-Match and does not show whether a cached response is current.
 */
export function etagOf({ metadata }: Pick<LiveChannel, 'metadata'>): string {
  const labels = Object.entries(appLabels(metadata)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const labelled = labels.length === 0 ? '' : `-${sha256Hex(JSON.stringify(labels), 8)}`;
  return `"${metadata.uid.slice(0, 8)}-${metadata.generation ?? 0}${labelled}"`;
}

/** Evaluates If-Match (RFC 9110, 13.1.1): `*`, or a list that contains the strong ETag. undefined: no condition. */
export function matches(ifMatch: string | undefined, channel: Pick<LiveChannel, 'metadata'>): boolean {
  if (ifMatch === undefined || ifMatch.trim() === '*') return true;
  const etag = etagOf(channel);
  return ifMatch.split(',').some((each) => each.trim() === etag);
}
