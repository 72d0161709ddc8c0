import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { type Provider } from '../api/streaming-platform.ts';
import {
  ivsChannelTypes,
  microDollars,
  type MicroDollars,
  type PricedPlatform,
  type Rates,
  type Resolution,
} from './price-book.ts';
import type { PerResolution, Prices } from './viewer-prices.ts';

/** US dollars for an hour, exact to a millionth. */
const usd = z.number().min(0).max(1_000_000).transform(microDollars);
const perResolution = z.strictObject({ '480p': usd, '720p': usd, '1080p': usd });
/** One price for all, or one for each resolution. */
const price = z.union([usd.transform(same), perResolution]);

const ratesSchema = z.strictObject({
  /** An hour on air. */
  input: price.optional(),
  delivery: price.optional(),
  storage: usd.optional(),
  alwaysRecorded: z.boolean().optional(),
  source: z.string().min(1).optional(),
  asOf: z.iso.date().optional(),
});
/** Of Amazon IVS: or by the type of channel. */
const ivsRatesSchema = ratesSchema.extend({
  input: z.union([price, z.partialRecord(z.enum(ivsChannelTypes), price)]).optional(),
});
const bookSchema = z.strictObject({
  version: z.string().min(1).max(63),
  agora: z
    .strictObject({
      interactive: price.optional(),
      broadcast: price.optional(),
      /** Which of them the app's viewers are at. */
      tier: z.enum(['interactive', 'broadcast']).optional(),
    })
    .optional(),
  pod: price.optional(),
  platforms: z
    .strictObject({
      ivs: ivsRatesSchema,
      cloudflare: ratesSchema,
      mux: ratesSchema,
      origin: ratesSchema,
      rtmp: ratesSchema,
    } satisfies Record<Provider, z.ZodType>)
    .partial()
    .optional(),
});

/** A price book that cannot be used: which, where, and why. */
export class PricesError extends Error {
  override readonly name = 'PricesError';
}

/**
 * A price book of one's own, YAML or JSON, laid over another: what it does not name is as there.
 * @throws PricesError that names the field
 */
export function parsePrices(text: string, where: string, base: Prices): Prices {
  let data: unknown;
  try {
    data = parseYaml(text);
  } catch (error) {
    throw new PricesError(
      `${where} is neither YAML nor JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
  const parsed = bookSchema.safeParse(data);
  if (!parsed.success)
    throw new PricesError(`${where} is not a price book:\n${z.prettifyError(parsed.error)}`);
  const { version, agora, pod, platforms = {} } = parsed.data;
  const own = (provider: Provider): Rates | undefined =>
    merged(base.platforms[provider], platforms[provider], `${where}, version ${version}`);
  return {
    version,
    common: {
      ...base.common,
      agora: {
        interactive: agora?.interactive ?? base.common.agora.interactive,
        broadcast: agora?.broadcast ?? base.common.agora.broadcast,
      },
      tier: agora?.tier ?? base.common.tier,
      pod: pod ?? base.common.pod,
    },
    platforms: {
      ivs: own('ivs'),
      cloudflare: own('cloudflare'),
      mux: own('mux'),
      origin: own('origin'),
      rtmp: own('rtmp'),
    },
  };
}

const nothing: Rates = {
  input: () => 0,
  delivery: same(0),
  storage: 0,
  alwaysRecorded: false,
  source: '',
  asOf: '',
};

function merged(
  base: Rates | undefined,
  own: z.infer<typeof ivsRatesSchema> | undefined,
  where: string,
): Rates | undefined {
  if (own === undefined) return base;
  const { input, delivery, storage, alwaysRecorded, source = where, asOf } = own;
  const rest = base ?? nothing;
  return {
    input: input === undefined ? rest.input : (spec, resolution) => inputOf(input, spec, resolution, rest),
    delivery: delivery ?? rest.delivery,
    storage: storage ?? rest.storage,
    alwaysRecorded: alwaysRecorded ?? rest.alwaysRecorded,
    source,
    asOf: asOf ?? rest.asOf,
  };
}

function inputOf(
  input: NonNullable<z.infer<typeof ivsRatesSchema>['input']>,
  spec: PricedPlatform,
  resolution: Resolution,
  rest: Rates,
): MicroDollars {
  // A test stream costs nothing, whatever the others do.
  if (spec.mux?.test === true) return rest.input(spec, resolution);
  if (isPerResolution(input)) return input[resolution];
  return input[spec.ivs?.channelType ?? 'STANDARD']?.[resolution] ?? rest.input(spec, resolution);
}

function isPerResolution(input: object): input is PerResolution {
  return '720p' in input;
}

function same(amount: MicroDollars): PerResolution {
  return { '480p': amount, '720p': amount, '1080p': amount };
}
