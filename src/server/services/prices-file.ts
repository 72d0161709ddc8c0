import { readFile } from 'node:fs/promises';
import { builtInPrices } from '../../costs/list-prices.ts';
import { parsePrices } from '../../costs/parse-prices.ts';
import type { Prices } from '../../costs/viewer-prices.ts';
import type { Logger } from '../../kube/logger.ts';

/** The price book of the settings; the built-in one where there is none, or one that cannot be used. */
export async function pricesIn(path: string | undefined, logger: Logger): Promise<Prices> {
  if (path === undefined) return builtInPrices;
  try {
    return parsePrices(await readFile(path, 'utf8'), path, builtInPrices);
  } catch (error) {
    logger.error({ err: error, file: path }, 'the price book cannot be used; list prices are');
    return builtInPrices;
  }
}
