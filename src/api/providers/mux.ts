import { z } from 'zod';
import { httpUrlSchema } from './http-url.ts';

/** Secret: tokenId, tokenSecret; signingKeyId and signingPrivateKey for signed playback and viewer counts; ca.crt. */
export const muxSchema = z.object({
  latencyMode: z
    .enum(['standard', 'reduced', 'low'])
    .default('standard')
    .describe('Latency mode of the live streams, where the channel does not ask for low.'),
  reconnectWindowSeconds: z
    .int()
    .min(0)
    .max(1800)
    .default(60)
    .describe(
      'How long Mux waits for a relay that has gone before it ends the broadcast. Set in every latency mode: ' +
        "Mux's own default is 0 for reduced and low, where any hiccup would end it.",
    ),
  viewerCounts: z
    .boolean()
    .default(false)
    .describe(
      'Ask Mux how many watch; needs the signing key in the Secret. Mux counts only players that report to Mux Data: ' +
        'leave it off where yours does not, or its 0 is taken for nobody.',
    ),
  test: z
    .boolean()
    .default(false)
    .describe('Make test streams: free of charge, with a watermark, and disabled by Mux after 5 minutes.'),
  ingestUrl: z
    .string()
    .regex(/^rtmps?:\/\/[^\s/?#@]+\/[^\s?#]+$/)
    .max(2048)
    .default('rtmps://global-live.mux.com:443/app')
    .describe('Where the relays push to, e.g. a region of Mux. The stream key is appended to it.'),
  playbackUrl: httpUrlSchema
    .default('https://stream.mux.com')
    .describe('Where viewers get the playlists from, e.g. your custom domain at Mux.'),
  baseUrl: httpUrlSchema.optional().describe("Another address of the API, e.g. a test double's."),
  statsUrl: httpUrlSchema
    .optional()
    .describe("Another address of the viewer counts, e.g. a test double's. Default: https://stats.mux.com."),
});
