import type { MicroDollars } from '../../costs/price-book.ts';
import { agoraViewerPrice, type Prices } from '../../costs/viewer-prices.ts';
import type { Sample } from '../../store/store.ts';
import type { PricedSample } from './accountant.ts';
import { hourPieces, type HourPiece } from './hours.ts';
import type { LedgerLine } from './ledger.ts';
import type { PricingInputs } from './pricing-inputs.ts';

/**
 * Costs of the time between two samples at list price: on the platform, by trapezoidal integration of its viewers, and on
 * Agora, where the relay is a viewer, too. A period is split at the full hour. All amounts are integers, so that the
 * division of a period does not change its sum. The host is a line as well. Uncounted time is recorded as missing, except
 * for the audience on Agora of an app that reports none.
 */
export function meterLines(before: PricedSample, after: PricedSample, prices: Prices): readonly LedgerLine[] {
  const { onAir, hosted } = after.inputs;
  const onAgora = watched(before.sample, after.sample, ({ agoraViewers }) => agoraViewers);
  const onHls = watched(before.sample, after.sample, ({ hlsViewers }) => hlsViewers);
  const reportsAgora = [before, after].some(({ sample }) => sample.agoraViewers !== undefined);
  const { agoraViewer, relay, delivery } = ratesOf(after.inputs, prices);
  const { agoraHost } = prices.common;
  return hourPieces(before.sample.at, after.sample.at).flatMap((piece) => {
    const line = lineOf(piece, prices.version);
    return [
      ...(hosted ? [line('agora', 'agora-host', agoraHost, piece.to - piece.from)] : []),
      ...(reportsAgora ? [line('agora', 'agora-viewers', agoraViewer, onAgora?.(piece))] : []),
      ...(onAir ? relay.map(([where, name, price]) => line(where, name, price, piece.to - piece.from)) : []),
      ...(onAir && delivery !== undefined
        ? [line(delivery.where, 'delivery', delivery.price, onHls?.(piece))]
        : []),
    ];
  });
}

/** Lines for time between two samples that was not observed: without cost, and all of it missing. */
export function missedLines(
  before: PricedSample,
  after: PricedSample,
  prices: Prices,
): readonly LedgerLine[] {
  if (!before.inputs.onAir || !after.inputs.onAir) return [];
  const { relay, delivery } = ratesOf(after.inputs, prices);
  return hourPieces(before.sample.at, after.sample.at).flatMap((piece) => {
    const line = lineOf(piece, prices.version);
    return [
      ...(after.inputs.hosted ? [line('agora', 'agora-host', prices.common.agoraHost, undefined)] : []),
      ...relay.map(([where, name, price]) => line(where, name, price, undefined)),
      ...(delivery === undefined ? [] : [line(delivery.where, 'delivery', delivery.price, undefined)]),
    ];
  });
}

interface LineRates {
  readonly agoraViewer: MicroDollars;
  /** Costs of an hour on air apart from its viewers. */
  readonly relay: readonly (readonly [where: string, line: string, price: MicroDollars])[];
  readonly delivery: { readonly where: string; readonly price: MicroDollars } | undefined;
}

function ratesOf(
  { platform, resolution, recorded }: PricingInputs,
  { common, platforms }: Prices,
): LineRates {
  const agoraViewer = agoraViewerPrice(common, resolution);
  const alone: LineRates['relay'] = [
    ['agora', 'agora-relay', agoraViewer],
    ['cluster', 'pod', common.pod[resolution]],
  ];
  const rates = platform === undefined ? undefined : platforms[platform.spec.provider];
  if (platform === undefined || rates === undefined)
    return { agoraViewer, relay: alone, delivery: undefined };
  const { name, spec } = platform;
  return {
    agoraViewer,
    relay: [
      ...alone,
      [name, 'ingest', rates.input(spec, resolution)],
      ...(recorded || rates.alwaysRecorded ? ([[name, 'storage', rates.storage]] as const) : []),
    ],
    delivery: { where: name, price: rates.delivery[resolution] },
  };
}

/** Returns a function that creates lines of a piece. `unitMs` undefined: not counted, so missing unless it is free. */
function lineOf({ hour, from, to }: HourPiece, version: string) {
  return (platform: string, line: string, perHour: MicroDollars, unitMs: number | undefined): LedgerLine => ({
    ...{ hour, platform, line, perHour, unitMs: unitMs ?? 0 },
    missingMs: unitMs === undefined && perHour > 0 ? to - from : 0,
    estimated: true,
    prices: version,
  });
}

/** Viewer-milliseconds of a piece, with linear interpolation of viewers; undefined if viewers were not counted. */
function watched(
  before: Sample,
  after: Sample,
  count: (sample: Sample) => number | undefined,
): ((piece: HourPiece) => number) | undefined {
  const [first, last] = [count(before), count(after)];
  if (first === undefined || last === undefined) return undefined;
  const whole = after.at.getTime() - before.at.getTime();
  // Rounds the cumulative amount, so that the pieces add up to the whole.
  const until = (at: number): number => Math.round(first * at + ((last - first) * at * at) / (2 * whole));
  return ({ from, to }) => until(to) - until(from);
}
