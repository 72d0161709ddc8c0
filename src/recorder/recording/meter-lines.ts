import type { MicroDollars } from '../../costs/price-book.ts';
import { agoraViewerPrice, type Prices } from '../../costs/viewer-prices.ts';
import type { Sample } from '../../store/store.ts';
import type { PricedSample } from './accountant.ts';
import { hourMs, startOfHour, type LedgerLine } from './ledger.ts';
import type { PricingInputs } from './pricing-inputs.ts';

/** A stretch of time within one hour, in ms after the first sample. */
interface Piece {
  readonly hour: Date;
  readonly from: number;
  readonly to: number;
}

/**
 * What the time between two samples cost, at list price: on the platform, by the trapezoid of its viewers, and on
 * Agora, where the relay is a viewer, too. A stretch over the full hour is two, and all amounts are whole numbers: how a
 * stretch is divided does not change what it comes to. What nobody counted is not in it, and said to be missing: not
 * the audience on Agora of an app that tells none.
 */
export function meterLines(before: PricedSample, after: PricedSample, prices: Prices): readonly LedgerLine[] {
  const { onAir } = after.inputs;
  const onAgora = watched(before.sample, after.sample, ({ agoraViewers }) => agoraViewers);
  const onHls = watched(before.sample, after.sample, ({ hlsViewers }) => hlsViewers);
  const tellsAgora = [before, after].some(({ sample }) => sample.agoraViewers !== undefined);
  const { agoraViewer, relay, delivery } = ratesOf(after.inputs, prices);
  return piecesOf(before.sample.at, after.sample.at).flatMap((piece) => {
    const line = lineOf(piece, prices.version);
    return [
      ...(tellsAgora ? [line('agora', 'agora-viewers', agoraViewer, onAgora?.(piece))] : []),
      ...(onAir ? relay.map(([where, name, price]) => line(where, name, price, piece.to - piece.from)) : []),
      ...(onAir && delivery !== undefined
        ? [line(delivery.where, 'delivery', delivery.price, onHls?.(piece))]
        : []),
    ];
  });
}

/** The same time, where nobody saw it: nothing is reckoned, and all of it is missing. */
export function missedLines(
  before: PricedSample,
  after: PricedSample,
  prices: Prices,
): readonly LedgerLine[] {
  if (!before.inputs.onAir || !after.inputs.onAir) return [];
  const { relay, delivery } = ratesOf(after.inputs, prices);
  return piecesOf(before.sample.at, after.sample.at).flatMap((piece) => {
    const line = lineOf(piece, prices.version);
    return [
      ...relay.map(([where, name, price]) => line(where, name, price, undefined)),
      ...(delivery === undefined ? [] : [line(delivery.where, 'delivery', delivery.price, undefined)]),
    ];
  });
}

interface LineRates {
  readonly agoraViewer: MicroDollars;
  /** What an hour on air costs beside its viewers: where, the line, the price. */
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

/** A line of that piece; `unitMs` undefined: nobody counted it, which matters where it costs something. */
function lineOf({ hour, from, to }: Piece, version: string) {
  return (platform: string, line: string, perHour: MicroDollars, unitMs: number | undefined): LedgerLine => ({
    ...{ hour, platform, line, perHour, unitMs: unitMs ?? 0 },
    missingMs: unitMs === undefined && perHour > 0 ? to - from : 0,
    estimated: true,
    prices: version,
  });
}

/** Viewer-milliseconds of a piece, taking the viewers to change evenly; undefined where nobody counted them. */
function watched(
  before: Sample,
  after: Sample,
  count: (sample: Sample) => number | undefined,
): ((piece: Piece) => number) | undefined {
  const [first, last] = [count(before), count(after)];
  if (first === undefined || last === undefined) return undefined;
  const whole = after.at.getTime() - before.at.getTime();
  // Rounded from the beginning on, so that the pieces add up to the whole.
  const until = (at: number): number => Math.round(first * at + ((last - first) * at * at) / (2 * whole));
  return ({ from, to }) => until(to) - until(from);
}

function piecesOf(start: Date, end: Date): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = start.getTime(); at < end.getTime();) {
    const hour = startOfHour(new Date(at));
    const next = Math.min(end.getTime(), hour.getTime() + hourMs);
    pieces.push({ hour, from: at - start.getTime(), to: next - start.getTime() });
    at = next;
  }
  return pieces;
}
