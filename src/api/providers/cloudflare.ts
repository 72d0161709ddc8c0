import { z } from 'zod';
import { httpUrlSchema } from './http-url.ts';

/** Secret: apiToken; signingKeyId and signingKeyPem for signed playback; ca.crt. */
export const cloudflareSchema = z.object({
  accountId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('The account that the streams belong to.'),
  deleteRecordingsAfterDays: z
    .int()
    .min(30)
    .max(1096)
    .optional()
    .describe(
      'Cloudflare deletes recordings that channels asked for (playback.recording automatic) after so many days. Default: never. Recordings that nobody asked for are deleted with the stream.',
    ),
  baseUrl: httpUrlSchema.optional().describe("Another address of the API, e.g. a test double's."),
});
