import { z } from 'zod';

/** The relay's environment. Everything about the channel is in its configuration file instead. */
export const relaySettingsSchema = z.object({
  LIVECHANNEL_CHROMIUM: z
    .string()
    .min(1)
    .default('/usr/lib/chromium/chromium-headless-shell')
    .describe("Path of Chromium's binary itself, not of a distribution's wrapper script."),
  LIVECHANNEL_CHROMIUM_ARGUMENTS: z
    .string()
    .default('')
    .describe('Further arguments for Chromium, separated by white space.'),
  LIVECHANNEL_FFMPEG: z.string().min(1).default('ffmpeg').describe("FFmpeg's binary."),
  LIVECHANNEL_PAGE_MEMORY_MIB: z.coerce
    .number()
    .int()
    .min(100)
    .optional()
    .describe(
      'Anonymous memory of the browser, in MiB, from which on its page is replaced. Default: 65 % of the memory limit.',
    ),
  LIVECHANNEL_TERMINATION_LOG: z
    .string()
    .min(1)
    .default('/dev/termination-log')
    .describe('Where the reason for the exit is written, as one line of JSON.'),
  LIVECHANNEL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});
export type RelaySettings = z.infer<typeof relaySettingsSchema>;
