import { z } from 'zod';
import { httpUrlSchema } from './http-url.ts';

/** Secret: tokenId, tokenSecret; signingKeyId and signingPrivateKey for signed playback and viewer counts; ca.crt. */
export const muxSchema = z.object({
  latencyMode: z
    .enum(['standard', 'reduced', 'low'])
    .default('standard')
    .describe('Latency mode of the live streams, where the channel does not ask for low.'),
  test: z
    .boolean()
    .default(false)
    .describe('Make test streams: free of charge, with a watermark and a short life.'),
  baseUrl: httpUrlSchema.optional().describe("Another address of the API, e.g. a test double's."),
  statsUrl: httpUrlSchema
    .optional()
    .describe("Another address of the viewer counts, e.g. a test double's. Default: https://stats.mux.com."),
});
