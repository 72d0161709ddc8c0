import { z } from 'zod';
import { channelIdSchema } from './channel-id.ts';

export const costsQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }).describe('Rounded down to the hour: the ledger is hourly.'),
  to: z.iso.datetime({ offset: true }),
  channelId: channelIdSchema.optional(),
});

/** US dollars as a decimal string, exact to a millionth. */
const usdSchema = z.string().regex(/^-?\d+\.\d{6}$/);

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
