import { z } from 'zod';
import { STEP_UP_AFTER_MS } from './timing.ts';

/** The relay's environment. Everything about the channel is in its configuration file instead. */
export const relaySettingsSchema = z.object({
  LIVECHANNEL_CHROMIUM: z
    .string()
    .min(1)
    .default('/usr/lib/chromium/chromium-headless-shell')
    .describe("Path of the Chromium binary. A distribution's wrapper script does not work."),
  LIVECHANNEL_CHROMIUM_ARGUMENTS: z
    .string()
    .default('')
    .describe('Additional arguments for Chromium, separated by spaces.'),
  LIVECHANNEL_FFMPEG: z.string().min(1).default('ffmpeg').describe('Path or name of the FFmpeg binary.'),
  LIVECHANNEL_PAGE_MEMORY_MIB: z.coerce
    .number()
    .int()
    .min(100)
    .optional()
    .describe(
      'Anonymous memory of the browser, in MiB, above which its page is replaced. Default: 65% of the memory limit.',
    ),
  LIVECHANNEL_CONGESTION_QUIET_SECONDS: z.coerce
    .number()
    .min(1)
    .max(3_600)
    .default(STEP_UP_AFTER_MS / 1_000)
    .describe(
      'Time without lag after which a relay that lowered its bitrate for a slow ingest returns to full quality.',
    ),
  LIVECHANNEL_TERMINATION_LOG: z
    .string()
    .min(1)
    .default('/dev/termination-log')
    .describe('File for the termination message: one line of JSON with reason and message.'),
  LIVECHANNEL_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Lowest level that is logged.'),
});
export type RelaySettings = z.infer<typeof relaySettingsSchema>;
