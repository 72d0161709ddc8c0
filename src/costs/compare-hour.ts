import type { Provider } from '../api/streaming-platform.ts';
import type { MicroDollars } from './price-book.ts';
import { hourOnAgora, hourOnHls, type HourlyRates } from './viewer-prices.ts';

/** What an hour of a show costs with one number of viewers, in micro-dollars. The host is included everywhere. */
export interface HourComparison {
  /** "agora": all viewers on Agora, without a relay. */
  readonly where: Provider | 'agora';
  readonly viewers: number;
  readonly microDollars: MicroDollars;
  /** Share of the cost on Agora alone that is saved: 0.9 is 90%. Negative: it costs more. */
  readonly saved: number;
}

/** Gigabytes (10^9 bytes) that one viewer receives in an hour. */
export const gigabytesPerHour = (kbps: number): number => (kbps * 1_000 * 3_600) / 8 / 1e9;

/**
 * Compares an hour of a show with all viewers on Agora to one with all viewers on HLS, for each platform and number of
 * viewers.
 *
 * @example
 * compareHour([['ivs', rates]], builtInPrices.common.agoraHost, [100, 1_000]);
 */
export function compareHour(
  platforms: readonly (readonly [Provider, HourlyRates])[],
  host: MicroDollars,
  audiences: readonly number[],
): readonly HourComparison[] {
  return audiences.flatMap((viewers) => {
    const [[, any] = []] = platforms;
    if (any === undefined) return [];
    // The price on Agora does not depend on the platform.
    const alone = host + hourOnAgora(any, viewers);
    return [
      { where: 'agora' as const, viewers, microDollars: alone, saved: 0 },
      ...platforms.map(([where, rates]) => {
        const microDollars = host + hourOnHls(rates, viewers);
        return { where, viewers, microDollars, saved: alone === 0 ? 0 : 1 - microDollars / alone };
      }),
    ];
  });
}
