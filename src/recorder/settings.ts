import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { commaList, optionalText } from '../base/environment.ts';
import { SecretText } from '../base/secret-text.ts';
import { retentionSettings } from '../store/retention.ts';

/** Part of the operator's settings (src/controllers/settings.ts): without a database nothing is recorded. */
export const recorderSettingsSchema = z.object({
  DATABASE_URL: optionalText
    .transform((url) => (url === undefined ? undefined : new SecretText(url)))
    .describe(
      'PostgreSQL to record samples, costs and alerts in: postgres://USER:PASSWORD@HOST/NAME. Without it nothing is recorded, and streamMode auto and budgets have no effect.',
    ),
  DATABASE_URL_FILE: optionalText.describe('File with that URL, instead of DATABASE_URL.'),
  LIVECHANNEL_SAMPLE_SECONDS: z.coerce
    .number()
    .min(1)
    .max(300)
    .default(10)
    .describe('How often a sample is taken of each channel that is on air or wanted.'),
  LIVECHANNEL_SAMPLE_BUFFER: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(10_000_000)
    .default(100_000)
    .describe(
      'So many samples wait while the database does not answer; then the oldest are dropped, and the gap is marked.',
    ),
  ...retentionSettings,
  LIVECHANNEL_MODE_GRACE_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3_600)
    .default(30)
    .describe('So long before streamMode auto sends viewers to Agora alone the app is told.'),
  LIVECHANNEL_PRICES_FILE: optionalText.describe(
    'Price book to use instead of the built-in one (docs/channels/costs.md); read again when it changes.',
  ),
  LIVECHANNEL_WEBHOOK_URL_FILE: optionalText.describe('File with the https:// URL that alerts are sent to.'),
  LIVECHANNEL_WEBHOOK_SECRET_FILE: optionalText.describe(
    'File with what they are signed with: "whsec_" and 24 to 64 bytes in base64; several, one a line, while they are rotated.',
  ),
  LIVECHANNEL_WEBHOOK_CA_FILE: optionalText.describe(
    "PEM file with the authorities that the receiver's certificate must come from. Default: the public ones.",
  ),
  LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS: commaList
    .prefault('')
    .refine((networks) => networks.every((each) => ipaddr.isValidCIDR(each)), {
      error: 'must be networks as 10.0.0.0/8 or fd00::/8, separated by commas',
    })
    .describe('Comma-separated CIDRs that webhooks may go to although they are not public addresses.'),
});
export type RecorderSettings = z.infer<typeof recorderSettingsSchema>;
