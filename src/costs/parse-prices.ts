import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { byProvider, providers, type Provider } from '../api/streaming-platform.ts';
import { bookSchema, same, type OwnRates } from './book-schema.ts';
import type { MicroDollars, PricedPlatform, Rates } from './price-book.ts';
import { deliveryOf, tariffProblems } from './tariff.ts';
import type { PerResolution, Prices } from './viewer-prices.ts';
import type { Resolution } from '../api/values.ts';
import { errorMessage } from '../base/error-text.ts';
import { UserError } from '../base/errors.ts';

/** A price book is invalid. The message names the file, the field and the reason. */
export class PricesError extends UserError {
  override readonly name = 'PricesError';
  override readonly code = 'PRICES_INVALID';
}

/**
 * Parses a custom price book in YAML or JSON. Prices that it does not name are taken from `base`. `where` is the file's
 * name, for messages.
 * @throws PricesError that names the field
 */
export function parsePrices(text: string, where: string, base: Prices): Prices {
  let data: unknown;
  try {
    data = parseYaml(text);
  } catch (error) {
    // Only the first line: the rest of the parser's message quotes the file's content.
    const [problem = ''] = errorMessage(error).split('\n');
    throw new PricesError(`${where} is neither YAML nor JSON: ${problem.replace(/:$/, '.')}`);
  }
  const parsed = bookSchema
    .superRefine(({ platforms = {} }, ctx) => {
      for (const provider of providers)
        for (const { field, message } of tariffProblems(platforms[provider] ?? {}, base.platforms[provider]))
          ctx.addIssue({ code: 'custom', path: ['platforms', provider, field], message });
    })
    .safeParse(data);
  if (!parsed.success)
    throw new PricesError(`${where} is not a price book:\n${z.prettifyError(parsed.error)}`);
  const { version, agora, pod, platforms = {} } = parsed.data;
  const here = `${where}, version ${version}`;
  const own = (provider: Provider): Rates | undefined =>
    merged(base.platforms[provider], platforms[provider], here);
  const ownAgora = [agora?.interactive, agora?.broadcast, agora?.host].some((each) => each !== undefined);
  return {
    version,
    common: {
      ...base.common,
      agora: {
        interactive: agora?.interactive ?? base.common.agora.interactive,
        broadcast: agora?.broadcast ?? base.common.agora.broadcast,
      },
      tier: agora?.tier ?? base.common.tier,
      agoraHost: agora?.host ?? base.common.agoraHost,
      pod: pod ?? base.common.pod,
      source: agora?.source ?? (ownAgora ? here : base.common.source),
      asOf: agora?.asOf ?? (ownAgora ? '' : base.common.asOf),
    },
    platforms: byProvider(own),
  };
}

/** The base for a platform that the built-in book has no prices for. */
const nothing: Rates = {
  input: () => 0,
  delivery: same(0),
  storage: 0,
  alwaysRecorded: false,
  source: '',
  asOf: '',
};

function merged(base: Rates | undefined, own: OwnRates | undefined, here: string): Rates | undefined {
  if (own === undefined) return base;
  const { input, delivery, steps, regions, storage, alwaysRecorded, source, asOf } = own;
  const rest = base ?? nothing;
  const priced = [input, delivery, steps, regions, storage].some((each) => each !== undefined);
  return {
    input: input === undefined ? rest.input : (spec, resolution) => inputOf(input, spec, resolution, rest),
    ...deliveryOf(own, rest),
    storage: storage ?? rest.storage,
    alwaysRecorded: alwaysRecorded ?? rest.alwaysRecorded,
    source: source ?? (priced || base === undefined ? here : rest.source),
    asOf: asOf ?? (priced ? '' : rest.asOf),
  };
}

function inputOf(
  input: NonNullable<OwnRates['input']>,
  spec: PricedPlatform,
  resolution: Resolution,
  rest: Rates,
): MicroDollars {
  // A test stream is free, whatever price the custom book has: `rest.input` returns 0 for it.
  if (spec.mux?.test === true) return rest.input(spec, resolution);
  if (isPerResolution(input)) return input[resolution];
  return input[spec.ivs?.channelType ?? 'STANDARD']?.[resolution] ?? rest.input(spec, resolution);
}

function isPerResolution(input: object): input is PerResolution {
  return '720p' in input;
}
