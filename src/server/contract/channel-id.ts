import { z } from 'zod';

export const channelIdSchema = z
  .union([z.int().min(0), z.string().min(1).max(512)], {
    error: 'expected a non-negative integer, or a string of 1 to 512 characters',
  })
  .transform(String)
  .describe("The app's id of the channel: an integer or a string of up to 512 bytes.");
