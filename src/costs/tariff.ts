import type { Rates, Tariff, VolumeStep } from './price-book.ts';

type Delivery = Rates['delivery'];

/** The viewer prices of a custom price book, for one platform. */
export interface OwnDelivery {
  readonly delivery?: Delivery | undefined;
  readonly steps?: readonly VolumeStep[] | undefined;
  readonly regions?: Readonly<Record<string, Tariff>> | undefined;
  readonly region?: string | undefined;
  readonly monthlyHours?: number | undefined;
}

/** Combines the price of the first hours with the steps after it. A first step with `fromHours: 0` replaces `delivery`. */
export function tariff(delivery: Delivery, steps: readonly VolumeStep[] = []): Tariff {
  const [first, ...more] = steps;
  if (first === undefined) return [{ fromHours: 0, delivery }];
  return first.fromHours === 0 ? [first, ...more] : [{ fromHours: 0, delivery }, first, ...more];
}

/** The step that applies to the next viewer-hour of an account that delivers `monthlyHours` per month. */
export function stepAt(steps: Tariff, monthlyHours: number): VolumeStep {
  return steps.findLast(({ fromHours }) => fromHours <= monthlyHours) ?? steps[0];
}

/** The viewer price that all calculations use: that of the region and the monthly volume that the book names. */
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

/** A mistake in the viewer prices of a custom price book. */
export interface TariffProblem {
  readonly field: keyof OwnDelivery;
  readonly message: string;
}

/** The inconsistencies of a custom book's viewer prices, merged with the built-in prices in `base`. */
export function tariffProblems(own: OwnDelivery, base: Rates | undefined): readonly TariffProblem[] {
  const { region, steps: [first] = [] } = own;
  const regions = { ...base?.regions, ...own.regions };
  const known = Object.keys(regions).sort().join(', ');
  const problems: TariffProblem[] = [];
  if (region !== undefined && known === '')
    problems.push({ field: 'region', message: 'There are no regions. Set their prices under regions.' });
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
    problems.push({ field: 'steps', message: TWO_FIRST_PRICES });
  if (own.delivery === undefined && base === undefined && first !== undefined && first.fromHours > 0)
    problems.push({ field: 'steps', message: NO_FIRST_PRICE });
  if (own.monthlyHours !== undefined && !hasSteps(own, regions))
    problems.push({
      field: 'monthlyHours',
      message: 'There are no steps to choose from. Set steps, or omit monthlyHours.',
    });
  return problems;
}

/** Messages for tariffs whose first step is missing or ambiguous. */
export const NO_FIRST_PRICE = 'The first hours have no price. Set delivery, or add a step with fromHours: 0.';
export const TWO_FIRST_PRICES =
  'The first hours have two prices. Omit delivery, or the step with fromHours: 0.';

const ownsPrice = ({ delivery, steps }: OwnDelivery): boolean =>
  delivery !== undefined || steps !== undefined;

/** undefined: the price applies to all regions, as a custom price without a region does. */
function regionOf(own: OwnDelivery, base: Rates | undefined): string | undefined {
  return own.region ?? (own.delivery === undefined ? base?.region : undefined);
}

function hasSteps({ steps }: OwnDelivery, regions: Readonly<Record<string, Tariff>>): boolean {
  const more = steps?.some(({ fromHours }) => fromHours > 0) ?? false;
  return more || Object.values(regions).some((each) => each.length > 1);
}
