import { z } from 'zod';
import { byProvider } from '../api/streaming-platform.ts';
import { ivsChannelTypes, microDollars, type MicroDollars } from './price-book.ts';
import { NO_FIRST_PRICE, tariff, TWO_FIRST_PRICES } from './tariff.ts';
import type { PerResolution } from './viewer-prices.ts';
import { resolutions } from '../api/values.ts';

const MAX_USD = 10_000;
const MAX_HOURS = 1_000_000_000;

/** A strict mapping. The error for an unknown member lists the known ones. */
function members<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `"${keys.join('", "')}" is not a known member. Known members: ${known}.`
        : `must be a mapping with the members ${known}.`,
  });
}

/** Parses US dollars per hour to micro-dollars, rounded to a millionth of a dollar. */
const usd = z
  .number(`must be US dollars, from 0 to ${MAX_USD}.`)
  .min(0, 'is less than 0. It must be US dollars per hour.')
  .max(MAX_USD, `is too much. It must be US dollars per hour, at most ${MAX_USD}.`)
  .transform(microDollars);
const perResolution = members({ '480p': usd, '720p': usd, '1080p': usd });
const onePrice = `US dollars per hour, from 0 to ${MAX_USD}, or one for each of ${resolutions.join(', ')}`;
/** One price for all resolutions, or one for each. */
const price = z.union([usd.transform(same), perResolution], `must be ${onePrice}.`);

const hours = z
  .number('must be a number of viewer-hours per month.')
  .min(0, 'is less than 0. It must be a number of viewer-hours per month.')
  .max(MAX_HOURS, `is too much: there are at most ${MAX_HOURS} viewer-hours per month.`);
const steps = z
  .array(members({ fromHours: hours, delivery: price }), 'must be a list of {fromHours, delivery}.')
  .min(1, 'is empty. Omit it, or set {fromHours, delivery}.')
  .superRefine((list, ctx) => {
    for (const [index, { fromHours }] of list.entries()) {
      const before = list[index - 1]?.fromHours ?? -1;
      if (fromHours > before) continue;
      const message = `is ${fromHours}, after ${before}. Steps must increase: sort them and remove duplicates.`;
      ctx.addIssue({ code: 'custom', path: [index, 'fromHours'], message });
    }
  });

/** The price of one region, with or without volume steps. */
const region = z.preprocess(
  (value) => (isPrice(value) ? { delivery: value } : value),
  members({ delivery: price.optional(), steps: steps.optional() })
    .superRefine(({ delivery, steps: [first] = [] }, ctx) => {
      if (delivery === undefined && first?.fromHours !== 0)
        ctx.addIssue({ code: 'custom', message: NO_FIRST_PRICE });
      if (delivery !== undefined && first?.fromHours === 0)
        ctx.addIssue({ code: 'custom', message: TWO_FIRST_PRICES });
    })
    .transform(({ delivery, steps: list }) => tariff(delivery ?? same(0), list)),
);

const ratesSchema = members({
  /** Price of the platform's input for an hour on air. */
  input: price.optional(),
  delivery: price.optional(),
  steps: steps.optional(),
  regions: z
    .record(z.string().min(1).max(63), region, 'must be a mapping from the name of a region to its price.')
    .optional(),
  region: z.string('must be the name of one of the regions.').optional(),
  monthlyHours: hours.optional(),
  storage: usd.optional(),
  alwaysRecorded: z.boolean('must be true or false.').optional(),
  source: z.string('must be text.').min(1, 'is empty.').optional(),
  asOf: z.iso.date('must be a date, YYYY-MM-DD.').optional(),
});
const perChannelType = members({
  STANDARD: price.optional(),
  BASIC: price.optional(),
  ADVANCED_HD: price.optional(),
  ADVANCED_SD: price.optional(),
} satisfies Record<(typeof ivsChannelTypes)[number], z.ZodType>);
/** Amazon IVS also allows an input price for each channel type. */
const ivsRatesSchema = ratesSchema.extend({
  input: z
    .union([price, perChannelType], `must be ${onePrice}, or that for any of ${ivsChannelTypes.join(', ')}.`)
    .optional(),
});

/** The format of a custom price book (docs/channels/costs.md). Prices are parsed to micro-dollars per hour. */
export const bookSchema = members({
  version: z
    .string('must be text that names this book.')
    .min(1, 'is empty. It must name this book.')
    .max(63, 'is too long: at most 63 characters.'),
  agora: members({
    interactive: price.optional(),
    broadcast: price.optional(),
    /** A host for an hour: the price of an audio minute, unless it watches other hosts. */
    host: usd.optional(),
    /** The price tier of the app's viewers. */
    tier: z.enum(['interactive', 'broadcast'], 'must be interactive or broadcast.').optional(),
    source: z.string('must be text.').min(1, 'is empty.').optional(),
    asOf: z.iso.date('must be a date, YYYY-MM-DD.').optional(),
  }).optional(),
  pod: price.optional(),
  platforms: members({
    ...byProvider(() => ratesSchema.optional()),
    ivs: ivsRatesSchema.optional(),
  }).optional(),
});

/** A custom book's entry for one platform; `undefined` members are taken from the built-in book. */
export type OwnRates = z.infer<typeof ivsRatesSchema>;

/** The same amount for every resolution. */
export function same(amount: MicroDollars): PerResolution {
  return { '480p': amount, '720p': amount, '1080p': amount };
}

function isPrice(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return resolutions.some((each) => Object.hasOwn(value, each));
}
