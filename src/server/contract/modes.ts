import { z } from 'zod';
import { streamModeSchema } from '../../api/values.ts';

const MAX_LABELS = 20;
const labelKey = z
  .string()
  .regex(
    /^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
    'expected a label key without a prefix: 1 to 63 letters, digits, "-", "_" and "."',
  );
const labelValue = z
  .string()
  .regex(
    /^([a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)?$/,
    'expected a label value: at most 63 letters, digits, "-", "_" and "."',
  );

/** Labels of the app on its channels, such as {"tier": "beta"}. Those with a prefix belong to Kubernetes and its tools. */
export const labelsSchema = z
  .record(labelKey, labelValue)
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `expected at most ${MAX_LABELS} labels`)
  .meta({ maxProperties: MAX_LABELS });
export type Labels = z.infer<typeof labelsSchema>;

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
