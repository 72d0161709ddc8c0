import type { LiveChannel } from '../api/live-channel.ts';
import type { Problem } from '../channel/state.ts';
import { streamOwnership, type StreamOwnership } from '../cluster/stream-ownership.ts';
import { hourlyCost, type MicroDollars, type PricedPlatform, type PriceBook } from '../costs/price-book.ts';
import type { ObservedStream, StreamAnalytics, StreamId, StreamOwner } from '../platforms/platform.ts';

/** A StreamingPlatform, and what it answered. */
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

export interface StreamRow {
  readonly id: string;
  readonly name: string;
  readonly belonging: StreamOwnership;
  /** namespace/name, as the stream's tag has it: names are used again, so an orphan's may be another channel's now. */
  readonly channel: string;
  /** undefined: the platform does not tell. */
  readonly live: boolean | undefined;
  readonly liveSince: Date | undefined;
  readonly viewers: number | undefined;
  /** At list price. undefined: nobody knows what the provider takes. */
  readonly microDollarsAnHour: MicroDollars | undefined;
  /** false: it costs more than that, by viewers that nobody has counted. */
  readonly costIsComplete: boolean;
}

export interface PlatformAudit {
  readonly name: string;
  readonly provider: PricedPlatform['provider'];
  readonly streams: readonly StreamRow[];
  /** Why the platform could not be asked. */
  readonly problem: Problem | undefined;
}

export interface Totals {
  readonly streams: number;
  readonly live: number;
  readonly orphans: number;
  readonly strays: number;
  readonly viewers: number;
  readonly microDollarsAnHour: MicroDollars;
  /** false: some of it is not known, or a platform could not be asked. */
  readonly costIsComplete: boolean;
}

export interface Audit {
  readonly platforms: readonly PlatformAudit[];
  readonly totals: Totals;
}

/** What exists on the platforms, what it belongs to, and what it costs. `known`: names of all StreamingPlatforms. */
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
 * Several StreamingPlatforms may lead to one account, and then each lists all of its streams: a stream is told under
 * the one that made it. But for one that leads to another account by now, and does not list it any more.
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
      // What may be on air is reckoned as if it were: nobody looks for a cost that is not shown.
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

/** Exit code of the command: a platform that could not be asked may hide anything, and comes first. */
export function exitCodeOf({ platforms, totals }: Audit): 0 | 1 | 2 {
  if (platforms.some(({ problem }) => problem !== undefined)) return 2;
  return totals.orphans + totals.strays > 0 ? 1 : 0;
}
