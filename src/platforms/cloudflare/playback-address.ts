import type { LiveInput } from './cloudflare-answers.ts';

/**
 * The HLS address of an input, as Cloudflare gave it. Where an answer lacks it, it is made from the WebRTC one, which
 * has the same host: the customer's code in it is known from nowhere else.
 */
export function hlsAddress({ uid, playback, webRTCPlayback }: LiveInput): string | undefined {
  if (playback !== undefined) return playback.hls;
  if (webRTCPlayback === undefined || !URL.canParse(webRTCPlayback.url)) return undefined;
  return `${new URL(webRTCPlayback.url).origin}/${uid}/manifest/video.m3u8`;
}

/** With the query that asks for LL-HLS, without which players get the ordinary playlist. */
export function lowLatencyAddress(hls: string): string {
  return `${hls}${hls.includes('?') ? '&' : '?'}protocol=llhls`;
}

/** Where the delivery host tells of the input or video itself, e.g. https://customer-x.cloudflarestream.com/UID. */
export function deliveryBase(hls: string): string | undefined {
  const end = hls.indexOf('/manifest/');
  return end < 0 ? undefined : hls.slice(0, end);
}

/** The same address for another input or video, or for a token that stands for it. Undefined: the id is not in it. */
export function addressFor(hls: string, uid: string, other: string): string | undefined {
  return hls.includes(`/${uid}/`) ? hls.replace(`/${uid}/`, `/${other}/`) : undefined;
}
