import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { webhookEvents } from '../api/webhooks.ts';
import { commaList, optionalText } from '../base/environment.ts';
import { SecretText } from '../base/secret-text.ts';
import { retentionSettings } from '../store/retention.ts';

/** Part of the operator's settings (src/operator/settings.ts). Without a database, nothing is recorded. */
export const recorderSettingsSchema = z.object({
  DATABASE_URL: optionalText
    .transform((url) => (url === undefined ? undefined : new SecretText(url)))
    .describe(
      'PostgreSQL database for samples, costs and alerts: postgres://USER:PASSWORD@HOST/NAME. Without it nothing is recorded, and streamMode auto and budgets have no effect.',
    ),
  DATABASE_URL_FILE: optionalText.describe('File that contains the URL, instead of DATABASE_URL.'),
  LIVECHANNEL_APP_NAMESPACE: optionalText.describe(
    "Namespace whose channels are in the app's own tables `channels` and `stream_metrics`. Required where the database has such a table, unless LIVECHANNEL_WATCH_NAMESPACES names a single namespace.",
  ),
  LIVECHANNEL_SAMPLE_SECONDS: z.coerce
    .number()
    .min(1)
    .max(300)
    .default(10)
    .describe('Interval between two samples of each channel that is on air or should be.'),
  LIVECHANNEL_SAMPLE_BUFFER: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(10_000_000)
    .default(100_000)
    .describe(
      'Maximum number of samples kept while the database is unavailable. Beyond it the oldest are dropped, and the gap is marked.',
    ),
  LIVECHANNEL_APP_METRICS: z
    .enum(['minute', 'sample', 'off'])
    .default('minute')
    .describe(
      "Rows of the app's own table stream_metrics: averages per channel and minute, every sample, or none.",
    ),
  ...retentionSettings,
  LIVECHANNEL_MODE_GRACE_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3_600)
    .default(30)
    .describe(
      'How long before streamMode auto sends viewers to Agora alone the decision is published, so that apps can prepare.',
    ),
  LIVECHANNEL_PRICES_FILE: optionalText.describe(
    'Price book to use instead of the built-in one (docs/channels/costs.md). It is read again when it changes.',
  ),
  LIVECHANNEL_WEBHOOK_URL_FILE: optionalText.describe(
    'File that contains the https:// URL that alerts and messages about channels are sent to.',
  ),
  LIVECHANNEL_WEBHOOK_EVENTS: commaList
    .prefault(webhookEvents.join(','))
    .pipe(z.array(z.enum(webhookEvents)))
    .describe(
      'Comma-separated list of what is sent: alert (raised and resolved), status, mode and ended (of channels).',
    ),
  LIVECHANNEL_WEBHOOK_SECRET_FILE: optionalText.describe(
    'File that contains the secret that signs webhooks: "whsec_" and 24 to 64 bytes in base64. During a rotation, one secret per line.',
  ),
  LIVECHANNEL_WEBHOOK_CA_FILE: optionalText.describe(
    "PEM file with the certificate authorities that may have issued the receiver's certificate. Default: the public ones.",
  ),
  LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS: commaList
    .prefault('')
    .refine((networks) => networks.every((each) => ipaddr.isValidCIDR(each)), {
      error: 'must be a comma-separated list of CIDRs such as 10.0.0.0/8 or fd00::/8',
    })
    .describe('Comma-separated CIDRs of non-public networks that webhooks may be sent to.'),
});
export type RecorderSettings = z.infer<typeof recorderSettingsSchema>;
