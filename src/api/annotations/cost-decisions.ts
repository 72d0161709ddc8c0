import { z } from 'zod';
import type { LiveChannel } from '../live-channel.ts';
import { annotations } from '../names.ts';
import { parseJson } from '../../base/parse-json.ts';
import { autoStreamModeSchema, currentBudgetActionSchema } from '../values.ts';

/**
 * What was decided about a channel's costs, as annotations on it: the operator's recorder writes them, the channel's
 * logic obeys them. Both carry the channel's uid, because annotations are copied along when a channel is made from
 * another's manifest.
 */
const time = z.iso.datetime({ offset: true });
const usd = z.string().regex(/^\d{1,15}(\.\d{1,6})?$/);

export const modeDecisionSchema = z.object({
  /** The channel's uid. */
  channel: z.string(),
  mode: autoStreamModeSchema,
  decidedAt: time,
  /** When it becomes effective: later than `decidedAt` for agora-only, so that the app is told first. */
  at: time,
  reason: z.enum(['CheaperOnAgora', 'CheaperOnHls']),
  /** E.g. "42 viewers cost $10.05/h on Agora, $5.34/h on ivs-eu". */
  message: z.string().max(1_024),
});
export type ModeDecision = z.infer<typeof modeDecisionSchema>;

export const budgetDecisionSchema = z.object({
  /** The channel's uid. */
  channel: z.string(),
  /** nearly: 80 %; spent: 100 %. */
  level: z.enum(['ok', 'nearly', 'spent', 'unknown']),
  /** The hour (2026-11-23T05), the month (2026-11), or when the show began: spending counts from there. */
  period: z.string().max(64),
  /** Since when it is so. */
  since: time,
  spentUsd: usd,
  limitUsd: usd,
  action: currentBudgetActionSchema,
  /** For switch-platform: to which StreamingPlatform. */
  platform: z.string().min(1).max(253).exactOptional(),
  message: z.string().max(1_024),
});
export type BudgetDecision = z.infer<typeof budgetDecisionSchema>;

type Annotated = Pick<LiveChannel, 'metadata'>;

/** The mode that was decided for the channel; undefined where none was, or not for this channel. */
export function modeDecision({ metadata }: Annotated): ModeDecision | undefined {
  return ofChannel(metadata.uid, modeDecisionSchema, metadata.annotations?.[annotations.mode]);
}

/** How much of its budget the channel has spent; undefined where nobody counted yet, or not for this channel. */
export function budgetDecision({ metadata }: Annotated): BudgetDecision | undefined {
  return ofChannel(metadata.uid, budgetDecisionSchema, metadata.annotations?.[annotations.budget]);
}

/** The annotation that says so. */
export function modeAnnotation(choice: ModeDecision): Record<string, string> {
  return { [annotations.mode]: JSON.stringify(choice) };
}

/** The annotation that says so. */
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
