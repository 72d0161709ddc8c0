import { z } from 'zod';
import { httpUrlSchema } from './http-url.ts';

/** Secret: token; ca.crt if the certificate is issued by a private CA. */
export const originSchema = z.object({
  controlUrl: httpUrlSchema.describe(
    "URL of the origin's control service, e.g. http://livechannel-origin.livechannel-system:8081.",
  ),
});
