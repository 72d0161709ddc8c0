import { z } from 'zod';
import { alertKindNames } from '../../api/alerts.ts';
import { isPlainText } from '../../base/plain-text.ts';

// Shared with the webhooks of the operator, which does not import the service.
export { alertViewSchema } from '../../api/alerts.ts';

/** Members of a query for alerts, for REST and tRPC. */
export const alertFilters = {
  platform: z
    .string()
    .min(1)
    .max(253)
    .refine(isPlainText, 'has control characters')
    .optional()
    .describe('About this platform, or its channels.'),
  kind: z.enum(alertKindNames).optional().describe('Of this kind (docs/reference/alerts.md).'),
} as const;
