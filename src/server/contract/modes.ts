import { z } from 'zod';
import { streamModeSchema } from '../../api/values.ts';
import { labelsSchema } from './labels.ts';

/** A change of the mode of many channels. */
export const modeChangeSchema = z
  .strictObject({
    labels: labelsSchema
      .optional()
      .describe('Channels that have all of these labels. Default: every channel.'),
    streamMode: streamModeSchema.optional().describe('streamMode of these channels from now on.'),
    override: z
      .literal('agora-only')
      .nullable()
      .optional()
      .describe(
        'agora-only: send viewers to Agora, whatever the channel is set to, until the override is removed. null: remove it.',
      ),
  })
  .refine(({ streamMode, override }) => streamMode !== undefined || override !== undefined, {
    error: 'set streamMode, override, or both',
  })
  .meta({ anyOf: [{ required: ['streamMode'] }, { required: ['override'] }] });
export type ModeChange = z.infer<typeof modeChangeSchema>;

export const modeChangeResultSchema = z.object({
  matched: z.int().describe('Channels with these labels.'),
  changed: z.int().describe('Those of them that were different before.'),
  failed: z
    .array(z.object({ channelId: z.string(), code: z.string(), detail: z.string() }))
    .describe('Those that could not be changed. Repeat the request: it changes what is left.'),
});
export type ModeChangeResult = z.infer<typeof modeChangeResultSchema>;
