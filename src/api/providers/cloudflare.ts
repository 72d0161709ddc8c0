import { z } from 'zod';
import { httpUrlSchema } from './http-url.ts';

/** Secret: apiToken; signingKeyId and signingKeyPem for signed playback; ca.crt. */
export const cloudflareSchema = z.object({
  accountId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('ID of the Cloudflare account.'),
  deleteRecordingsAfterDays: z
    .int()
    .min(30)
    .max(1096)
    .optional()
    .describe(
      'Days after which Cloudflare deletes the recordings of channels with playback.recording automatic. Default: never. Other recordings are deleted with the stream.',
    ),
  baseUrl: httpUrlSchema.optional().describe("URL of the API. Default: the provider's. For tests."),
});
