import type { Rates, Tariff, VolumeStep } from './price-book.ts';

type Delivery = Rates['delivery'];

/** What a book of one's own says of viewers. */
export interface OwnDelivery {
  readonly delivery?: Delivery | undefined;
  readonly steps?: readonly VolumeStep[] | undefined;
  readonly regions?: Readonly<Record<string, Tariff>> | undefined;
  readonly region?: string | undefined;
  readonly monthlyHours?: number | undefined;
}

/** A price for the first hours, and the steps after it; they may begin with their own first price. */
export function tariff(delivery: Delivery, steps: readonly VolumeStep[] = []): Tariff {
  const [first, ...more] = steps;
  if (first === undefined) return [{ fromHours: 0, delivery }];
  return first.fromHours === 0 ? [first, ...more] : [{ fromHours: 0, delivery }, first, ...more];
}

/** What one more viewer-hour costs an account that delivers so many in a month. */
export function stepAt(steps: Tariff, monthlyHours: number): VolumeStep {
  return steps.findLast(({ fromHours }) => fromHours <= monthlyHours) ?? steps[0];
}

/** The price of a viewer that everything reckons with: of the region and the volume that the book names. */
export function deliveryOf(
  own: OwnDelivery,
  base: Rates,
): Pick<Rates, 'delivery' | 'region' | 'regions' | 'fromHours'> {
  const regions = { ...base.regions, ...own.regions };
  const region = regionOf(own, base);
  const listed = region !== undefined && Object.hasOwn(regions, region) ? regions[region] : undefined;
  const steps = ownsPrice(own)
    ? tariff(own.delivery ?? base.delivery, own.steps)
    : (listed ?? tariff(base.delivery));
  const { delivery, fromHours } = stepAt(steps, own.monthlyHours ?? 0);
  return { delivery, region, regions, fromHours: steps.length > 1 ? fromHours : undefined };
}

export interface TariffProblem {
  readonly field: keyof OwnDelivery;
  readonly message: string;
}

/** What is wrong with it, in view of what the built-in book has. */
export function tariffProblems(own: OwnDelivery, base: Rates | undefined): readonly TariffProblem[] {
  const { region, steps: [first] = [] } = own;
  const regions = { ...base?.regions, ...own.regions };
  const known = Object.keys(regions).sort().join(', ');
  const problems: TariffProblem[] = [];
  if (region !== undefined && known === '')
    problems.push({ field: 'region', message: 'There are no regions: give their prices under regions.' });
  else if (region !== undefined && !Object.hasOwn(regions, region))
    problems.push({
      field: 'region',
      message: `"${region}" is not a known region. Known regions: ${known}. Use one of them, or add its price under regions.`,
    });
  if (region !== undefined && ownsPrice(own))
    problems.push({
      field: own.delivery === undefined ? 'steps' : 'delivery',
      message: `With a region, the price is that of regions.${region}: set it there, or omit region.`,
    });
  if (own.regions !== undefined && !ownsPrice(own) && regionOf(own, base) === undefined)
    problems.push({ field: 'region', message: `must name the region of the viewers: ${known}.` });
  if (own.delivery !== undefined && first?.fromHours === 0)
    problems.push({ field: 'steps', message: twoFirstPrices });
  if (own.delivery === undefined && base === undefined && first !== undefined && first.fromHours > 0)
    problems.push({ field: 'steps', message: noFirstPrice });
  if (own.monthlyHours !== undefined && !hasSteps(own, regions))
    problems.push({
      field: 'monthlyHours',
      message: 'There are no steps that it could choose from: give steps, or leave it out.',
    });
  return problems;
}

export const noFirstPrice = 'The first hours have no price: give delivery, or a step with fromHours: 0.';
export const twoFirstPrices =
  'The first hours have two prices: leave out delivery, or the step with fromHours: 0.';

const ownsPrice = ({ delivery, steps }: OwnDelivery): boolean =>
  delivery !== undefined || steps !== undefined;

/** A price without a region is for everywhere. */
function regionOf(own: OwnDelivery, base: Rates | undefined): string | undefined {
  return own.region ?? (own.delivery === undefined ? base?.region : undefined);
}

function hasSteps({ steps }: OwnDelivery, regions: Readonly<Record<string, Tariff>>): boolean {
  const more = steps?.some(({ fromHours }) => fromHours > 0) ?? false;
  return more || Object.values(regions).some((each) => each.length > 1);
}
