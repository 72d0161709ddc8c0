import { z } from 'zod';
import type { Provider } from '../api/streaming-platform.ts';
import { ivsChannelTypes, microDollars, type MicroDollars } from './price-book.ts';
import { noFirstPrice, tariff, twoFirstPrices } from './tariff.ts';
import type { PerResolution } from './viewer-prices.ts';
import { resolutions } from '../api/values.ts';

const MAX_USD = 10_000;
const MAX_HOURS = 1_000_000_000;

/** Exactly these members; the error for another one lists them. */
function members<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `"${keys.join('", "')}" is not a known member. Known members: ${known}.`
        : `must be a mapping with the members ${known}.`,
  });
}

/** US dollars per hour, exact to a millionth. */
const usd = z
  .number(`must be US dollars, from 0 to ${String(MAX_USD)}.`)
  .min(0, 'is less than 0. It must be US dollars per hour.')
  .max(MAX_USD, `is too much. It must be US dollars per hour, at most ${String(MAX_USD)}.`)
  .transform(microDollars);
const perResolution = members({ '480p': usd, '720p': usd, '1080p': usd });
const onePrice = `US dollars per hour, from 0 to ${String(MAX_USD)}, or one for each of ${resolutions.join(', ')}`;
/** One price for all, or one for each resolution. */
const price = z.union([usd.transform(same), perResolution], `must be ${onePrice}.`);

const hours = z
  .number('must be a number of viewer-hours per month.')
  .min(0, 'is less than 0. It must be a number of viewer-hours per month.')
  .max(MAX_HOURS, `is too much: there are at most ${String(MAX_HOURS)} viewer-hours per month.`);
const steps = z
  .array(members({ fromHours: hours, delivery: price }), 'must be a list of {fromHours, delivery}.')
  .min(1, 'is empty. Omit it, or set {fromHours, delivery}.')
  .superRefine((list, ctx) => {
    for (const [index, { fromHours }] of list.entries()) {
      const before = list[index - 1]?.fromHours ?? -1;
      if (fromHours > before) continue;
      const message = `is ${String(fromHours)}, after ${String(before)}. Steps must increase: sort them and remove duplicates.`;
      ctx.addIssue({ code: 'custom', path: [index, 'fromHours'], message });
    }
  });

/** Of one region: a price, or one with its volume steps. */
const region = z.preprocess(
  (value) => (isPrice(value) ? { delivery: value } : value),
  members({ delivery: price.optional(), steps: steps.optional() })
    .superRefine(({ delivery, steps: [first] = [] }, ctx) => {
      if (delivery === undefined && first?.fromHours !== 0)
        ctx.addIssue({ code: 'custom', message: noFirstPrice });
      if (delivery !== undefined && first?.fromHours === 0)
        ctx.addIssue({ code: 'custom', message: twoFirstPrices });
    })
    .transform(({ delivery, steps: list }) => tariff(delivery ?? same(0), list)),
);

const ratesSchema = members({
  /** An hour on air. */
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
/** Of Amazon IVS: or by the type of channel. */
const ivsRatesSchema = ratesSchema.extend({
  input: z
    .union([price, perChannelType], `must be ${onePrice}, or that for any of ${ivsChannelTypes.join(', ')}.`)
    .optional(),
});

export const bookSchema = members({
  version: z
    .string('must be text that names this book.')
    .min(1, 'is empty. It must name this book.')
    .max(63, 'is too long: at most 63 characters.'),
  agora: members({
    interactive: price.optional(),
    broadcast: price.optional(),
    /** Which of them the app's viewers are at. */
    tier: z.enum(['interactive', 'broadcast'], 'must be interactive or broadcast.').optional(),
    source: z.string('must be text.').min(1, 'is empty.').optional(),
    asOf: z.iso.date('must be a date, YYYY-MM-DD.').optional(),
  }).optional(),
  pod: price.optional(),
  platforms: members({
    ivs: ivsRatesSchema.optional(),
    cloudflare: ratesSchema.optional(),
    mux: ratesSchema.optional(),
    origin: ratesSchema.optional(),
    rtmp: ratesSchema.optional(),
  } satisfies Record<Provider, z.ZodType>).optional(),
});

/** What a book says of one platform. */
export type OwnRates = z.infer<typeof ivsRatesSchema>;

export function same(amount: MicroDollars): PerResolution {
  return { '480p': amount, '720p': amount, '1080p': amount };
}

function isPrice(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return resolutions.some((each) => Object.hasOwn(value, each));
}
