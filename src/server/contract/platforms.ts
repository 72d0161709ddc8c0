import { z } from 'zod';

export const platformViewSchema = z.object({
  name: z.string(),
  provider: z.string(),
  isDefault: z.boolean(),
  ready: z.boolean(),
  reason: z.string(),
  message: z.string(),
  channels: z.int(),
});
