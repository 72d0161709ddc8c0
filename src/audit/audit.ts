import type { LiveChannel } from '../api/live-channel.ts';
import type { Problem } from '../channel/state.ts';
import { streamOwnership, type StreamOwnership } from '../cluster/stream-ownership.ts';
import { hourlyCost, type MicroDollars, type PricedPlatform, type PriceBook } from '../costs/price-book.ts';
import type { ObservedStream, StreamAnalytics, StreamId, StreamOwner } from '../platforms/platform.ts';

/** A StreamingPlatform with the streams it listed, or the reason why it could not be queried. */
export interface AskedPlatform {
  readonly name: string;
  readonly spec: PricedPlatform;
  readonly answer:
    | {
        readonly ok: true;
        readonly streams: readonly ObservedStream[];
        readonly analytics: ReadonlyMap<StreamId, StreamAnalytics>;
      }
    | { readonly ok: false; readonly problem: Problem };
}

/** One stream of the report. */
export interface StreamRow {
  readonly id: string;
  readonly name: string;
  readonly belonging: StreamOwnership;
  /** namespace/name from the stream's tag. Names are reused: an orphan's may belong to a newer channel by now. */
  readonly channel: string;
  /** undefined: the platform does not report it. */
  readonly live: boolean | undefined;
  readonly liveSince: Date | undefined;
  readonly viewers: number | undefined;
  /** At list price. undefined: the provider's prices are not known. */
  readonly microDollarsAnHour: MicroDollars | undefined;
  /** false: the amount is a lower bound, because the number of viewers or the live state is not known. */
  readonly costIsComplete: boolean;
}

/** The report of one StreamingPlatform. */
export interface PlatformAudit {
  readonly name: string;
  readonly provider: PricedPlatform['provider'];
  readonly streams: readonly StreamRow[];
  /** Why the platform could not be queried; undefined when it answered. */
  readonly problem: Problem | undefined;
}

/** Sums over all platforms. */
export interface Totals {
  readonly streams: number;
  readonly live: number;
  readonly orphans: number;
  readonly strays: number;
  readonly viewers: number;
  readonly microDollarsAnHour: MicroDollars;
  /** false: the amount is a lower bound, because some costs are not known or a platform could not be queried. */
  readonly costIsComplete: boolean;
}

/** The report of `livechannel audit`. */
export interface Audit {
  readonly platforms: readonly PlatformAudit[];
  readonly totals: Totals;
}

/**
 * Computes the streams on the platforms with their owners and hourly costs. `known` holds the names of all
 * StreamingPlatforms of the cluster, including those that were not queried.
 */
export function audit(
  asked: readonly AskedPlatform[],
  channels: readonly LiveChannel[],
  known: ReadonlySet<string>,
  prices?: PriceBook,
): Audit {
  const channelsByUid = new Map(channels.map((channel) => [channel.metadata.uid, channel]));
  const told = new Set<string>();
  const platforms = asked.map(({ name, spec, answer }): PlatformAudit => {
    const { provider } = spec;
    if (!answer.ok) return { name, provider, streams: [], problem: answer.problem };
    const rows: StreamRow[] = [];
    for (const stream of answer.streams) {
      const { id, owner } = stream;
      const identity = `${provider} ${id}`;
      if (owner === undefined || told.has(identity)) continue;
      if (owner.platform !== name && known.has(owner.platform) && !isLeftBehind(stream, owner, asked))
        continue;
      told.add(identity);
      const channel = channelsByUid.get(owner.channelUid);
      const belonging = streamOwnership(stream, name, channel);
      const figures = figuresOf(stream, answer.analytics.get(id), spec, channel, prices);
      rows.push({ id, name: stream.name, belonging, channel: owner.channel, ...figures });
    }
    return { name, provider, streams: rows.toSorted(byChannel), problem: undefined };
  });
  return { platforms, totals: totalsOf(platforms) };
}

/**
 * Whether the platform that created the stream no longer lists it, because it uses another account now. Several
 * StreamingPlatforms may share an account, and each of them lists all its streams. A stream is reported under the
 * platform that created it, unless it was left behind.
 */
function isLeftBehind({ id }: ObservedStream, owner: StreamOwner, asked: readonly AskedPlatform[]): boolean {
  const answer = asked.find(({ name }) => name === owner.platform)?.answer;
  return answer?.ok === true && !answer.streams.some((stream) => stream.id === id);
}

function figuresOf(
  stream: ObservedStream,
  told: StreamAnalytics | undefined,
  spec: PricedPlatform,
  channel: LiveChannel | undefined,
  prices: PriceBook | undefined,
): Pick<StreamRow, 'live' | 'liveSince' | 'viewers' | 'microDollarsAnHour' | 'costIsComplete'> {
  const live = told === undefined ? stream.live : true;
  const viewers = live === true ? (told?.viewers ?? stream.viewers) : undefined;
  const cost = hourlyCost(
    spec,
    {
      // A stream whose state is not known counts as live: a cost that is not shown would go unnoticed.
      live: live !== false,
      viewers,
      resolution: channel?.spec.relay.maxResolution ?? '1080p',
      recorded: channel?.spec.playback.recording === 'automatic',
    },
    prices,
  );
  return {
    live,
    liveSince: live === true ? stream.liveSince : undefined,
    viewers,
    microDollarsAnHour: cost?.microDollars,
    costIsComplete: cost?.complete === true && live !== undefined,
  };
}

function byChannel(a: StreamRow, b: StreamRow): number {
  return a.channel.localeCompare(b.channel) || a.id.localeCompare(b.id);
}

function totalsOf(platforms: readonly PlatformAudit[]): Totals {
  const rows = platforms.flatMap(({ streams }) => streams);
  const sum = (value: (row: StreamRow) => number): number => rows.reduce((all, row) => all + value(row), 0);
  const count = (is: (row: StreamRow) => boolean): number => rows.filter(is).length;
  return {
    streams: rows.length,
    live: count(({ live }) => live === true),
    orphans: count(({ belonging }) => belonging === 'orphan'),
    strays: count(({ belonging }) => belonging === 'stray'),
    viewers: sum(({ viewers }) => viewers ?? 0),
    microDollarsAnHour: sum(({ microDollarsAnHour }) => microDollarsAnHour ?? 0),
    costIsComplete:
      platforms.every(({ problem }) => problem === undefined) && rows.every((row) => row.costIsComplete),
  };
}

/**
 * Exit code of the command: 0 every stream belongs to a channel, 1 some do not, 2 a platform could not be queried. 2
 * takes precedence, because such a platform may hide any number of streams.
 */
export function exitCodeOf({ platforms, totals }: Audit): 0 | 1 | 2 {
  if (platforms.some(({ problem }) => problem !== undefined)) return 2;
  return totals.orphans + totals.strays > 0 ? 1 : 0;
}
