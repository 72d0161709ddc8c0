import { z } from 'zod';
import { isChannelId, MAX_CHANNEL_ID_BYTES } from '../../api/channel-id-form.ts';

/** An ID as it stands in the path of a request. */
export const channelIdTextSchema = z
  .string()
  .min(1)
  .max(MAX_CHANNEL_ID_BYTES)
  .refine(isChannelId, 'expected 1 to 512 bytes of well-formed UTF-8 without control characters');

export const channelIdSchema = z
  .union([z.int().min(0), channelIdTextSchema], {
    error: 'expected a non-negative integer, or a string of 1 to 512 bytes without control characters',
  })
  .transform(String)
  .describe(
    "The app's id of the channel: an integer, or a string of up to 512 bytes without control characters.",
  );
