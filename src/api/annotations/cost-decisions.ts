import { z } from 'zod';
import type { LiveChannel } from '../live-channel.ts';
import { annotations } from '../names.ts';
import { parseJson } from '../../base/parse-json.ts';
import { autoStreamModeSchema, budgetLevelSchema, currentBudgetActionSchema } from '../values.ts';

/**
 * Decisions about the costs of a channel, as annotations on it: the operator's recorder writes them, the logic of the
 * channel applies them. Both have the channel's UID, because annotations are copied when a channel is created from the
 * manifest of another channel.
 */
const time = z.iso.datetime({ offset: true });
const usd = z.string().regex(/^\d{1,15}(\.\d{1,6})?$/);

export const modeDecisionSchema = z.object({
  /** The channel's UID. */
  channel: z.string(),
  mode: autoStreamModeSchema,
  decidedAt: time,
  /** When it takes effect. For agora-only, later than `decidedAt`, so that the app is notified first. */
  at: time,
  reason: z.enum(['CheaperOnAgora', 'CheaperOnHls']),
  /** E.g. "42 viewers cost $10.05/h on Agora, $5.34/h on ivs-eu". */
  message: z.string().max(1_024),
});
export type ModeDecision = z.infer<typeof modeDecisionSchema>;

export const budgetDecisionSchema = z.object({
  /** The channel's UID. */
  channel: z.string(),
  /** nearly: 80% has been spent; spent: 100%. */
  level: budgetLevelSchema,
  /** The hour (2026-11-23T05), the month (2026-11), or the start of the show: costs count from then on. */
  period: z.string().max(64),
  /** When `level` began. */
  since: time,
  spentUsd: usd,
  limitUsd: usd,
  action: currentBudgetActionSchema,
  /** For switch-platform: name of the StreamingPlatform to use. */
  platform: z.string().min(1).max(253).exactOptional(),
  message: z.string().max(1_024),
});
export type BudgetDecision = z.infer<typeof budgetDecisionSchema>;

type Annotated = Pick<LiveChannel, 'metadata'>;

/** The mode decided for the channel; undefined if there is none, it is not valid, or it is another channel's. */
export function modeDecision({ metadata }: Annotated): ModeDecision | undefined {
  return ofChannel(metadata.uid, modeDecisionSchema, metadata.annotations?.[annotations.mode]);
}

/** The budget decision of the channel; undefined if there is none yet, it is not valid, or it is another channel's. */
export function budgetDecision({ metadata }: Annotated): BudgetDecision | undefined {
  return ofChannel(metadata.uid, budgetDecisionSchema, metadata.annotations?.[annotations.budget]);
}

/** The annotation that stores the decision. */
export function modeAnnotation(choice: ModeDecision): Record<string, string> {
  return { [annotations.mode]: JSON.stringify(choice) };
}

/** The annotation that stores the decision. */
export function budgetAnnotation(choice: BudgetDecision): Record<string, string> {
  return { [annotations.budget]: JSON.stringify(choice) };
}

function ofChannel<T extends { readonly channel: string }>(
  uid: string,
  schema: z.ZodType<T>,
  text: string | undefined,
): T | undefined {
  if (text === undefined) return undefined;
  const choice = schema.safeParse(parseJson(text));
  return choice.success && choice.data.channel === uid ? choice.data : undefined;
}
