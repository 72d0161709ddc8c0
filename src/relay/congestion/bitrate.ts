/** Below this, 360p is hard to recognize. A path that does not carry it gets dropped frames. */
export const MIN_VIDEO_KBPS = 300;
/** Of what the ingest accepts: the rest drains the backlog, and is room for the encoder's and the path's variation. */
const SHARE_OF_ACCEPTED = 0.75;
/** AAC at 128 kbit/s and the headers of RTMP. */
export const AUDIO_KBPS = 140;

/**
 * The video bitrate in kbit/s of a transcode for an ingest that accepts `acceptedKbps` in total: 75% of it without the
 * audio and at most what there is to send, at least 300, and never more than the platform's limit.
 */
export function bitrateFor(
  { acceptedKbps, offeredKbps }: { readonly acceptedKbps: number; readonly offeredKbps: number },
  maxVideoBitrateKbps: number | undefined,
): number {
  const target = Math.min(acceptedKbps * SHARE_OF_ACCEPTED, offeredKbps) - AUDIO_KBPS;
  return Math.round(Math.min(maxVideoBitrateKbps ?? Infinity, Math.max(MIN_VIDEO_KBPS, target)));
}
