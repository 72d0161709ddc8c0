import type { ServiceSum } from '../../store/store.ts';
import type { UsageView } from '../contract/usage.ts';

type Figures = Omit<UsageView, 'from' | 'to' | 'days' | 'channels'>;
type Sums = Omit<ServiceSum, 'channelId' | 'day'>;

/** Uptime and traffic of a period, from the sums of the database. */
export function usageView(
  sums: readonly ServiceSum[],
  { from, to }: { readonly from: Date; readonly to: Date },
): UsageView {
  const days = sums.flatMap(({ day, channelId: _, ...rest }) =>
    day === undefined ? [] : { day: day.toISOString().slice(0, 10), ...figuresOf(rest) },
  );
  const channels = sums.flatMap(({ day: _, channelId, ...rest }) =>
    channelId === undefined ? [] : { channelId, ...figuresOf(rest) },
  );
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    ...figuresOf(total(sums.filter(({ day }) => day !== undefined))),
    days,
    channels: channels.toSorted((a, b) => (a.uptimePercent ?? 101) - (b.uptimePercent ?? 101)),
  };
}

/** Percent are rounded down to a thousandth, so that 100 means without interruption. */
function figuresOf(sums: Sums): Figures {
  const { wantedSeconds, onAirSeconds, measuredBytes, estimatedBytes, ingestBytes } = sums;
  return {
    wantedSeconds: seconds(wantedSeconds),
    onAirSeconds: seconds(onAirSeconds),
    uptimePercent: wantedSeconds > 0 ? Math.floor((onAirSeconds / wantedSeconds) * 100_000) / 1_000 : null,
    waitingSeconds: seconds(sums.waitingSeconds),
    missingSeconds: seconds(sums.missingSeconds),
    ingestBytes,
    deliveredBytes: measuredBytes + estimatedBytes,
    deliveredEstimated: estimatedBytes > 0,
  };
}

function total(sums: readonly ServiceSum[]): Sums {
  const of = (pick: (sum: ServiceSum) => number): number => sums.reduce((all, each) => all + pick(each), 0);
  return {
    wantedSeconds: of((each) => each.wantedSeconds),
    onAirSeconds: of((each) => each.onAirSeconds),
    waitingSeconds: of((each) => each.waitingSeconds),
    missingSeconds: of((each) => each.missingSeconds),
    ingestBytes: of((each) => each.ingestBytes),
    measuredBytes: of((each) => each.measuredBytes),
    estimatedBytes: of((each) => each.estimatedBytes),
  };
}

/** To a tenth: the states of a channel are known no better. */
const seconds = (value: number): number => Math.round(value * 10) / 10;
