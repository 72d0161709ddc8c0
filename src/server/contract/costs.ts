import { z } from 'zod';
import { budgetLevels, budgetPeriods, currentBudgetActions, resolutions } from '../../api/value-lists.ts';
import { channelIdSchema } from './channel-id.ts';
import { usdSchema } from './usd.ts';

export const costsQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }).describe('Rounded down to the hour: the ledger is hourly.'),
  to: z.iso.datetime({ offset: true }),
  channelId: channelIdSchema.optional(),
});

/** A cost is a lower bound while `complete` is false: unknown time is not counted. */
const completenessShape = {
  usd: usdSchema,
  estimated: z.boolean().describe('true: computed from samples. false: reported by the provider.'),
  complete: z.boolean().describe('false: for some of the time there are no samples; see missingSeconds.'),
  missingSeconds: z.int().min(0),
};

const costFiguresSchema = z.object({
  ...completenessShape,
  perOnAirHourUsd: usdSchema.nullable(),
  perViewerHourUsd: usdSchema.nullable(),
  /** Cost of 30 days, extrapolated from the elapsed part of the period. */
  monthForecastUsd: usdSchema.nullable(),
  /** What the same audience would have cost on Agora only. */
  onAgoraAloneUsd: usdSchema.nullable(),
  onPlatformsUsd: z.record(z.string(), usdSchema),
  breakEvenViewers: z.int().nullable(),
});

export const costsViewSchema = costFiguresSchema.extend({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  channels: z.array(costFiguresSchema.extend({ channelId: z.string() })),
  days: z.array(costFiguresSchema.extend({ day: z.iso.date().describe('UTC.') })).describe('Sorted.'),
  platforms: z
    .array(costFiguresSchema.extend({ platform: z.string().nullable() }))
    .describe('Whole hours of channels, by their platform in that hour; null: on Agora only.'),
  lines: z.array(
    z.object({
      channelId: z.string(),
      platform: z.string(),
      line: z.string(),
      ...completenessShape,
      quantity: z.number().describe('Viewer-seconds (delivery, agora-viewers) or seconds on air.'),
    }),
  ),
});

/** Prices for an hour, at one resolution: with them, the cost of any audience can be computed. */
const hourlyRatesSchema = z.object({
  platform: z.string(),
  resolution: z.enum(resolutions),
  agoraViewerUsd: usdSchema.describe('A viewer on Agora.'),
  hlsViewerUsd: usdSchema.describe('A viewer on HLS.'),
  relayUsd: usdSchema.describe('The relay on Agora, its pod, the input of the platform, and its recording.'),
  breakEvenViewers: z
    .int()
    .nullable()
    .describe('From how many viewers on HLS costs less than Agora alone; null: never.'),
});

export const pricesViewSchema = z
  .object({
    version: z.string().describe('Of the price book in use.'),
    agoraHostUsd: usdSchema.describe('The host, wherever viewers watch.'),
    rates: z
      .array(hourlyRatesSchema)
      .describe('Of each platform and resolution. Platforms without a known price are left out.'),
  })
  .meta({ id: 'Prices' });
export type PricesView = z.infer<typeof pricesViewSchema>;

export const budgetViewSchema = z
  .object({
    channelId: z.string(),
    per: z.enum(budgetPeriods).describe('month: the limit is compared with the sum of all channels.'),
    limitUsd: usdSchema,
    spentUsd: usdSchema.nullable().describe('In the current period; null: unknown, or no show has begun.'),
    level: z.enum(budgetLevels).describe('As the operator decided: nearly at 80%, spent at 100%.'),
    action: z.enum(currentBudgetActions).describe('In force now.'),
    since: z.iso.datetime().nullable().describe('When the level began; null: there is no decision yet.'),
    message: z.string(),
  })
  .meta({ id: 'Budget' });
export type BudgetView = z.infer<typeof budgetViewSchema>;
