import type { StreamId } from '../platform.ts';
import type { CloudflareApi } from './cloudflare-api.ts';

/**
 * Deletes the recordings of an input. Returns true when none is left. If Cloudflare refuses to delete a recording that is
 * still in progress, it is left for the next call: after a broadcast ends, its recording is completed within a minute.
 * Videos of other inputs are not deleted, even if the listing contains them.
 */
export async function deleteRecordings(
  api: CloudflareApi,
  id: StreamId,
  signal: AbortSignal,
): Promise<boolean> {
  const videos = (await api.videosOf(id, signal)) ?? [];
  const ours = videos.filter(({ liveInput }) => liveInput === id);
  for (const video of ours) await api.deleteVideo(video, signal);
  // A stale listing that still contains deleted videos only causes another call.
  return ours.length === 0;
}
