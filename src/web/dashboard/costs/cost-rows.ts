import type { CostsView } from './cost-queries.ts';
import type { CostGroup } from './costs-search.ts';

/** Amounts in dollars. null: unknown. */
export interface CostRow {
  /** Id of a channel, name of a platform, or a day; null: hours without a platform. */
  readonly name: string | null;
  readonly usd: number;
  readonly onAgoraAloneUsd: number | null;
  readonly savedUsd: number | null;
  /** Of what Agora alone would have cost; negative: it costs more. */
  readonly savedShare: number | null;
  readonly missingSeconds: number;
  readonly estimated: boolean;
}

type Figures = Pick<CostsView, 'usd' | 'onAgoraAloneUsd' | 'missingSeconds' | 'estimated'>;

/** What was spent, beside what Agora alone would have cost. */
export function costRow(name: string | null, figures: Figures): CostRow {
  const usd = Number(figures.usd);
  const alone = figures.onAgoraAloneUsd === null ? null : Number(figures.onAgoraAloneUsd);
  const saved = alone === null ? null : alone - usd;
  return {
    name,
    usd,
    onAgoraAloneUsd: alone,
    savedUsd: saved,
    savedShare: alone === null || saved === null || alone === 0 ? null : saved / alone,
    missingSeconds: figures.missingSeconds,
    estimated: figures.estimated,
  };
}

/** Rows of a table: the most expensive first, days in their order. */
export function costRows(view: CostsView, by: CostGroup): readonly CostRow[] {
  if (by === 'day') return view.days.map((each) => costRow(each.day, each));
  const rows =
    by === 'channel'
      ? view.channels.map((each) => costRow(each.channelId, each))
      : view.platforms.map((each) => costRow(each.platform, each));
  return rows.toSorted((a, b) => b.usd - a.usd || (a.name ?? '').localeCompare(b.name ?? ''));
}
