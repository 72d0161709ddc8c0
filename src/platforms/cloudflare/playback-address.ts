import type { LiveInput } from './cloudflare-answers.ts';

/**
 * The HLS URL of an input as Cloudflare returned it. If the answer has none, it is derived from the WebRTC URL, which has
 * the same host; the customer code in the host has no other source.
 */
export function hlsAddress({ uid, playback, webRTCPlayback }: LiveInput): string | undefined {
  if (playback !== undefined) return playback.hls;
  if (webRTCPlayback === undefined || !URL.canParse(webRTCPlayback.url)) return undefined;
  return `${new URL(webRTCPlayback.url).origin}/${uid}/manifest/video.m3u8`;
}

/** Adds the query that requests LL-HLS. Without it, players receive the ordinary playlist. */
export function lowLatencyAddress(hls: string): string {
  return `${hls}${hls.includes('?') ? '&' : '?'}protocol=llhls`;
}

/** The base URL of an input's or video's state, e.g. https://customer-x.cloudflarestream.com/UID. */
export function deliveryBase(hls: string): string | undefined {
  const end = hls.indexOf('/manifest/');
  return end < 0 ? undefined : hls.slice(0, end);
}

/** Replaces `uid` in the URL by another uid or by a playback token. Undefined if the URL does not contain `uid`. */
export function addressFor(hls: string, uid: string, other: string): string | undefined {
  return hls.includes(`/${uid}/`) ? hls.replace(`/${uid}/`, `/${other}/`) : undefined;
}
