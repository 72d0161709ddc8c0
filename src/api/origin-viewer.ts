/** A viewer of this name at the origin is no buyer: it is the seller's own preview, and is not counted. */
export const PREVIEW_VIEWER = 'preview';

const ORIGIN_PLAYLIST = /^\/(?:hls\/[0-9a-f]+|signed\/[\w-]+\/[0-9a-f]+)\/index\.m3u8$/;

/** The address of a playlist for the seller's preview. Addresses of other platforms are left as they are. */
export function previewAddress(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (!ORIGIN_PLAYLIST.test(url.pathname)) return address;
  url.searchParams.set('viewer', PREVIEW_VIEWER);
  return url.href;
}
