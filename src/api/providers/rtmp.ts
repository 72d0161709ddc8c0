import { z } from 'zod';

/** Secret: ingestUrl, streamKey, playbackUrl; ca.crt if the ingest's certificate is issued by a private CA. */
export const rtmpSchema = z
  .object({})
  .describe(
    'Any RTMP server. Ingest URL, key and playback URL come from the Secret that credentialsRef names.',
  );
