import { alertSeverities, type AlertSeverity, type AlertView } from '../../../api/alerts.ts';
import type { ChannelView } from '../../../api/channel-view.ts';
import { healths, type Health, type StreamMode } from '../../../api/values.ts';
import { channelStates, stateOf, type ChannelState } from '../channel/channel-state.ts';
import type { Channels, Numbers } from '../live/live-data.ts';
import { numbersNow } from '../live/numbers-now.ts';

/** Columns of the table of channels, in their order. */
export const columnNames = [
  'id',
  'state',
  'mode',
  'platform',
  'hlsViewers',
  'agoraViewers',
  'bitrateKbps',
  'health',
  'alerts',
] as const;
export type ColumnName = (typeof columnNames)[number];

/** A channel as the table shows it. null: unknown, or there is none. */
export interface ChannelRow {
  readonly id: string;
  readonly state: ChannelState;
  readonly mode: StreamMode;
  readonly platform: string | null;
  readonly hlsViewers: number | null;
  readonly agoraViewers: number | null;
  readonly bitrateKbps: number | null;
  readonly health: Health | null;
  readonly alerts: number;
  readonly severity: AlertSeverity | undefined;
  /** What the text filter searches. */
  readonly text: string;
}

export function rowsOf(
  channels: Channels,
  numbers: Numbers | null | undefined,
  openAlerts: readonly AlertView[],
): readonly ChannelRow[] {
  const alerts = Map.groupBy(openAlerts, ({ channelId }) => channelId);
  return [...channels.values()].map((channel) => rowOf(channel, numbers, alerts.get(channel.id) ?? []));
}

function rowOf(
  channel: ChannelView,
  numbers: Numbers | null | undefined,
  alerts: readonly AlertView[],
): ChannelRow {
  const { id, effectiveStreamMode, streamMode, platform, relay, labels } = channel;
  const { health, ...others } = numbersNow(channel, numbers);
  return {
    id,
    state: stateOf(channel),
    mode: effectiveStreamMode ?? streamMode,
    platform,
    ...others,
    health: relay.isActive ? health : null,
    alerts: alerts.length,
    severity: alertSeverities.findLast((severity) => alerts.some((each) => each.severity === severity)),
    text: [id, platform ?? '', ...Object.entries(labels).flat()].join(' ').toLowerCase(),
  };
}

export interface RowFilter {
  readonly q?: string | undefined;
  readonly state?: ChannelState | undefined;
  /** Empty: channels without a platform. */
  readonly platform?: string | undefined;
  readonly health?: Health | 'unknown' | undefined;
}

export function filterRows(rows: readonly ChannelRow[], filter: RowFilter): readonly ChannelRow[] {
  const { q = '', state, platform, health } = filter;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      words.every((word) => row.text.includes(word)) &&
      (state === undefined || row.state === state) &&
      (platform === undefined || (row.platform ?? '') === platform) &&
      (health === undefined || (row.health ?? 'unknown') === health),
  );
}

const byName = new Intl.Collator('en', { numeric: true }).compare;

/** Sorted by a column, then by id. What is unknown is last in both directions. */
export function sortRows(
  rows: readonly ChannelRow[],
  column: ColumnName,
  descending: boolean,
): readonly ChannelRow[] {
  const rankOf = ranks[column];
  return rows.toSorted((a, b) => {
    const [x, y] = [rankOf(a), rankOf(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || byName(a.id, b.id);
    const order = typeof x === 'string' || typeof y === 'string' ? byName(String(x), String(y)) : x - y;
    return (descending ? -order : order) || byName(a.id, b.id);
  });
}

/** What a column is sorted by. Health: the worst one is the highest. */
const ranks: Readonly<Record<ColumnName, (row: ChannelRow) => string | number | null>> = {
  id: ({ id }) => id,
  state: ({ state }) => channelStates.indexOf(state),
  mode: ({ mode }) => mode,
  platform: ({ platform }) => platform,
  hlsViewers: ({ hlsViewers }) => hlsViewers,
  agoraViewers: ({ agoraViewers }) => agoraViewers,
  bitrateKbps: ({ bitrateKbps }) => bitrateKbps,
  health: ({ health }) => (health === null ? null : healths.indexOf(health)),
  alerts: ({ alerts }) => alerts,
};
