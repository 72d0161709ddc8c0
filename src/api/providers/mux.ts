import { z } from 'zod';
import { httpUrlSchema } from './http-url.ts';

/** Secret: tokenId, tokenSecret; signingKeyId and signingPrivateKey for signed playback and viewer counts; ca.crt. */
export const muxSchema = z.object({
  latencyMode: z
    .enum(['standard', 'reduced', 'low'])
    .default('standard')
    .describe('Latency mode of live streams whose channel has playback.latency standard.'),
  reconnectWindowSeconds: z
    .int()
    .min(0)
    .max(1800)
    .default(60)
    .describe(
      'Seconds for which Mux waits for a relay that has disconnected before it ends the broadcast. Applies to every ' +
        "latency mode: Mux's default for reduced and low is 0, which ends the broadcast at any interruption.",
    ),
  viewerCounts: z
    .boolean()
    .default(false)
    .describe(
      'Whether to request viewer counts from Mux; requires the signing key in the Secret. Mux counts only players that ' +
        'report to Mux Data. Leave it off if yours does not: 0 would be read as no viewers.',
    ),
  test: z
    .boolean()
    .default(false)
    .describe(
      'Whether to create test streams: free of charge, with a watermark, and disabled by Mux after 5 minutes.',
    ),
  ingestUrl: z
    .string()
    .regex(/^rtmps?:\/\/[!"$-.0->A-~]+\/[!"$->@-~]+$/)
    .max(2048)
    .default('rtmps://global-live.mux.com:443/app')
    .describe('Ingest URL of the relays, e.g. of a region of Mux. The stream key is appended.'),
  playbackUrl: httpUrlSchema
    .default('https://stream.mux.com')
    .describe('Base URL of the playlists, e.g. of your custom domain at Mux.'),
  baseUrl: httpUrlSchema.optional().describe("URL of the API. Default: the provider's. For tests."),
  statsUrl: httpUrlSchema
    .optional()
    .describe('URL of the viewer counts. Default: https://stats.mux.com. For tests.'),
});
