import type { StreamId } from '../platform.ts';
import type { CloudflareApi } from './cloudflare-api.ts';

/**
 * Deletes what was recorded of an input; true when nothing is left. What is still being recorded is tried, too, and
 * where Cloudflare refuses that, it is left for the next time: a broadcast that was cut becomes a recording within a
 * minute. Videos of other inputs are never touched, whatever the listing should hold.
 */
export async function deleteRecordings(
  api: CloudflareApi,
  id: StreamId,
  signal: AbortSignal,
): Promise<boolean> {
  const videos = (await api.videosOf(id, signal)) ?? [];
  const ours = videos.filter(({ liveInput }) => liveInput === id);
  for (const video of ours) await api.deleteVideo(video, signal);
  // A listing that still shows what is gone only makes for another round.
  return ours.length === 0;
}
