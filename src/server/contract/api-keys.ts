import { z } from 'zod';

/** Ten years; a key without an expiry is requested by leaving it out. */
const MAX_LIFE_SECONDS = 315_360_000;

/** A name, which is shown in terminals and pages: one line without control characters. */
export const apiKeyNameSchema = z
  .string()
  .regex(/^[ -~\u00a0-\uffff]{1,100}$/, 'must be 1 to 100 characters on one line');

export const apiKeyIdSchema = z
  .string()
  .regex(/^[0-9A-Za-z]{1,32}$/, 'expected the id of a key: ID of lc_ID_…')
  .describe('Id of the key: ID of lc_ID_….');

export const apiKeyRequestSchema = z.strictObject({
  name: apiKeyNameSchema.describe('Whose key it is, for people.'),
  scope: z.enum(['playback', 'operate', 'admin']),
  expiresInSeconds: z
    .int()
    .min(60)
    .max(MAX_LIFE_SECONDS)
    .optional()
    .describe('Lifetime. Default: the key does not expire.'),
});
export type ApiKeyRequest = z.infer<typeof apiKeyRequestSchema>;

export const apiKeyViewSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable().describe('Exact to a minute.'),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof apiKeyViewSchema>;

export const createdApiKeySchema = z
  .object({
    ...apiKeyViewSchema.omit({ revokedAt: true, lastUsedAt: true }).shape,
    key: z.string().describe('The key itself. It cannot be retrieved later.'),
  })
  .meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;
