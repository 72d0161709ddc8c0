import type { Prices } from '../costs/viewer-prices.ts';
import type { Sample } from '../store/store.ts';
import type { Priced } from './accountant.ts';
import { hourOf, type LedgerLine } from './ledger.ts';
import type { Terms } from './terms.ts';

const secondsOfHour = 3_600;

/**
 * What the time between two samples cost, at list price: on the platform, by the trapezoid of its viewers, and on
 * Agora, where the relay is a viewer, too. What nobody counted is not in it. The time belongs to the hour of the second.
 */
export function meterLines(
  before: Priced<Terms>,
  after: Priced<Terms>,
  { version, common, platforms }: Prices,
): readonly LedgerLine[] {
  const { platform, resolution, recorded, onAir } = after.terms;
  const seconds = (after.sample.at.getTime() - before.sample.at.getTime()) / 1_000;
  const of = (where: string, line: string, perHour: number, quantity: number): LedgerLine => ({
    hour: hourOf(after.sample.at),
    platform: where,
    line,
    microDollars: (perHour * quantity) / secondsOfHour,
    quantity,
    estimated: true,
    prices: version,
  });
  const watched = (count: (sample: Sample) => number | undefined): number | undefined => {
    const [first, last] = [count(before.sample), count(after.sample)];
    return first === undefined || last === undefined ? undefined : (seconds * (first + last)) / 2;
  };
  const onAgora = watched(({ agoraViewers }) => agoraViewers);
  const onHls = watched(({ hlsViewers }) => hlsViewers);
  const viewer = common.agora.interactive[resolution];
  const rates = platform === undefined || !onAir ? undefined : platforms[platform.spec.provider];
  return [
    ...(onAgora === undefined ? [] : [of('agora', 'agora-viewers', viewer, onAgora)]),
    ...(onAir
      ? [of('agora', 'agora-relay', viewer, seconds), of('cluster', 'pod', common.pod[resolution], seconds)]
      : []),
    ...(platform === undefined || rates === undefined
      ? []
      : [
          of(platform.name, 'ingest', rates.input(platform.spec, resolution), seconds),
          ...(onHls === undefined ? [] : [of(platform.name, 'delivery', rates.delivery[resolution], onHls)]),
          ...(recorded || rates.alwaysRecorded ? [of(platform.name, 'storage', rates.storage, seconds)] : []),
        ]),
  ];
}
