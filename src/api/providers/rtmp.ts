import { z } from 'zod';

/** Secret: ingestUrl, streamKey, playbackUrl; ca.crt where the ingest's certificate is private. */
export const rtmpSchema = z
  .object({})
  .describe(
    'Any RTMP server. Ingest URL, key and playback URL come from the Secret that credentialsRef names.',
  );
