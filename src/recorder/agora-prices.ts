import type { MicroDollars, Resolution } from '../costs/price-book.ts';

/**
 * A viewer-hour of Interactive Live Streaming: $3.99 and $8.99 for 1,000 minutes up to 720 and 1080 lines
 * (https://docs.agora.io/en/video-calling/overview/pricing, as of 2026-07-01). The relay is such a viewer, too.
 */
export const agoraViewerHour: Readonly<Record<Resolution, MicroDollars>> = {
  '480p': 239_400,
  '720p': 239_400,
  '1080p': 539_400,
};
