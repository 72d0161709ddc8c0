import type { MicroDollars, PriceBook } from '../costs/price-book.ts';
import { agoraViewerHour } from './agora-prices.ts';
import { dollars } from './dollars.ts';
import type { ModeAnswer, ModeQuestion } from './mode-keeper.ts';
import type { Terms } from './terms.ts';

const hourMs = 3_600_000;
/** No more changes in an hour. */
const mostInAnHour = 2;
/** Agora has to be cheaper by a tenth for so long before viewers are sent there: few viewers come back as many. */
const quietMs = 900_000;
const margin = 0.9;
/** HLS has to be cheaper for so long: one odd count is no audience. */
const rushMs = 20_000;

export interface ModeMemory {
  /** When the mode changed in the last hour. */
  readonly changes: readonly number[];
  /** Since when the other mode is cheaper; undefined while it is not. */
  readonly otherSince: number | undefined;
}

export interface HourlyChoice {
  readonly agora: MicroDollars;
  readonly hls: MicroDollars;
}

/** What an hour of so many viewers costs on Agora alone, and on HLS with its relay. undefined: no prices. */
export function hourlyChoice(
  viewers: number,
  { platform, resolution, recorded }: Terms,
  prices: PriceBook,
): HourlyChoice | undefined {
  const rates = platform === undefined ? undefined : prices[platform.spec.provider];
  if (platform === undefined || rates === undefined) return undefined;
  const viewer = agoraViewerHour[resolution];
  const storage = recorded || rates.alwaysRecorded ? rates.storage : 0;
  const fixed = viewer + rates.input(platform.spec, resolution) + storage;
  return { agora: viewers * viewer, hls: fixed + viewers * rates.delivery[resolution] };
}

/** Chooses the cheaper mode, with patience: viewers are not sent to and fro. Who is not counted decides nothing. */
export function chooseByBreakEven(
  { turn, mode, since, memory }: ModeQuestion<ModeMemory>,
  terms: Terms,
  prices: PriceBook,
): ModeAnswer<ModeMemory> {
  const now = turn.at.getTime();
  const before = memory ?? { changes: since === undefined ? [] : [since.getTime()], otherSince: undefined };
  const changes = before.changes.filter((at) => now - at < hourMs);
  const { agoraViewers, hlsViewers } = turn.seen;
  const known = mode === 'hybrid' ? hlsViewers !== undefined : agoraViewers !== undefined;
  const viewers = (agoraViewers ?? 0) + (hlsViewers ?? 0);
  const cost = known ? hourlyChoice(viewers, terms, prices) : undefined;
  const other =
    cost !== undefined && (mode === 'hybrid' ? cost.agora < margin * cost.hls : cost.hls < cost.agora);
  if (!other) return { memory: { changes, otherSince: undefined }, choice: undefined };
  const otherSince = before.otherSince ?? now;
  const patience = mode === 'hybrid' ? quietMs : rushMs;
  if (now - otherSince < patience || changes.length >= mostInAnHour)
    return { memory: { changes, otherSince }, choice: undefined };
  const words = `${String(viewers)} ${viewers === 1 ? 'viewer costs' : 'viewers cost'} ${dollars(cost.agora)}/h on Agora, ${dollars(cost.hls)}/h on ${terms.platform?.name ?? ''}`;
  return {
    memory: { changes: [...changes, now], otherSince: undefined },
    choice:
      mode === 'hybrid'
        ? { mode: 'agora-only', reason: 'CheaperOnAgora', message: words }
        : { mode: 'hybrid', reason: 'CheaperOnHls', message: words },
  };
}
