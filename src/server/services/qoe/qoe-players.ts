import { isSampled } from '../../../api/qoe-sampling.ts';
import type { Clock } from '../../../base/clock.ts';
import { QOE_SAMPLE_PLAYERS, type QoeReport } from '../../contract/qoe.ts';
import { ApiProblem } from '../../problems.ts';
import type { Standing } from './qoe-sums.ts';

const MINUTE_MS = 60_000;
/** A player reports every 30 s: one of two reports may be late or lost before its numbers start again at 0. */
const REMEMBERED_MS = 75_000;
/** A player sends six reports in its first minute, and more when its page is hidden and shown. */
const MAX_REPORTS_A_MINUTE = 20;
/** Of one channel. Beyond it, the players that reported longest ago are not counted. */
const MAX_PLAYERS = 50_000;
/** A process that has just started does not know which shares were given before. */
const LEARNING_MS = 120_000;
/** A share that was given meanwhile by another replica may be smaller than any of this one, but not by much. */
const TOLERANCE = 2;

/** Counting takes longer than receiving a report, so that it is not done for each. */
const COUNT_MS = 1_000;

interface Recent {
  readonly atMs: number;
  /** Time that the report is about, and the player's age by then, both at most a minute. */
  readonly coveredMs: number;
  readonly ageMs: number;
  readonly weight: number;
  readonly watching: boolean;
}

interface Player {
  lastSeq: number;
  lastMs: number;
  /** The minute in which reports are counted, and their number. */
  minute: number;
  inMinute: number;
  recent: readonly Recent[];
}

interface Channel {
  /** By sid; those that reported last are at the end. */
  readonly players: Map<string, Player>;
  /** The smallest share of players that was to report. */
  leastRate: number;
  counted: { readonly atMs: number; readonly connected: number };
}

/** Of all players, those who are not in a sample included. */
export interface PlayerCounts {
  readonly connected: number;
  readonly watching: number;
}

/**
 * The players that report to this replica. Counts are averages over the last minute: the time that reports are about, divided
 * by the time in which they arrived. So the counts of replicas can be added up, whichever of them receives the next report.
 */
export class QoePlayers {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #startedMs: number;
  readonly #channels = new Map<string, Channel>();

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
    this.#startedMs = clock.monotonic();
  }

  /**
   * What a report stands for. undefined: it was received before, or a later one was.
   * @throws ApiProblem too-many-requests
   */
  receive(channelId: string, report: QoeReport): Standing | undefined {
    const atMs = this.#clock.monotonic();
    const minute = this.#minuteAgo(0);
    const { sid, seq, dur } = report;
    const channel: Channel = this.#current(channelId) ?? {
      players: new Map(),
      leastRate: 1,
      counted: { atMs: -Infinity, connected: 0 },
    };
    const { players } = channel;
    const player = players.get(sid) ?? { lastSeq: -1, lastMs: atMs, minute, inMinute: 0, recent: [] };
    if (player.minute !== minute) Object.assign(player, { minute, inMinute: 0 });
    player.inMinute += 1;
    if (player.inMinute > MAX_REPORTS_A_MINUTE)
      throw new ApiProblem(
        'too-many-requests',
        `A player may send ${MAX_REPORTS_A_MINUTE} reports a minute.`,
        { retryAfterSeconds: 60 },
      );
    if (seq <= player.lastSeq) return undefined;
    const weight = this.#weightOf(channel, report);
    player.lastSeq = seq;
    player.lastMs = atMs;
    player.recent = [
      ...player.recent.filter((one) => atMs - one.atMs < MINUTE_MS),
      {
        ...{ atMs, weight, watching: report.state === 'playing' && report.visible },
        coveredMs: Math.min(dur * 1_000, MINUTE_MS),
        ageMs: Math.min(dur * 1_000 * (seq + 1), MINUTE_MS),
      },
    ];
    players.delete(sid);
    players.set(sid, player);
    this.#channels.set(channelId, channel);
    // Its last report was sent when the time began that this one is about, to whichever replica.
    const place = seq === 0 ? 'start' : this.#minuteAgo(dur) < minute ? 'carried' : 'later';
    return { weight, place };
  }

  /** The share of players that should report, if this many are connected to other replicas. */
  sampleRate(channelId: string, elsewhere: number): number {
    const channel = this.#channels.get(channelId);
    const atMs = this.#clock.monotonic();
    if (channel !== undefined && atMs - channel.counted.atMs >= COUNT_MS)
      channel.counted = { atMs, connected: this.countsOf(channelId).connected };
    const all = (channel?.counted.connected ?? 0) + elsewhere;
    const rate = all <= QOE_SAMPLE_PLAYERS ? 1 : QOE_SAMPLE_PLAYERS / all;
    if (channel !== undefined) channel.leastRate = Math.min(channel.leastRate, rate);
    return rate;
  }

  countsOf(channelId: string): PlayerCounts {
    const nowMs = this.#clock.monotonic();
    let connected = 0;
    let watching = 0;
    for (const { recent } of this.#current(channelId)?.players.values() ?? [])
      for (const one of recent) {
        const sinceMs = nowMs - one.atMs;
        if (sinceMs >= MINUTE_MS) continue;
        const share = (one.weight * one.coveredMs) / Math.max(1, Math.min(one.ageMs + sinceMs, MINUTE_MS));
        connected += share;
        if (one.watching) watching += share;
      }
    return { connected, watching };
  }

  /** Channels with players, each with its counts. */
  *all(): Iterable<PlayerCounts & { readonly channelId: string }> {
    for (const channelId of [...this.#channels.keys()]) {
      const counts = this.countsOf(channelId);
      if (counts.connected > 0) yield { channelId, ...counts };
    }
  }

  forget(channelId: string): void {
    this.#channels.delete(channelId);
  }

  #minuteAgo(seconds: number): number {
    return Math.floor((this.#clock.now().getTime() - seconds * 1_000) / MINUTE_MS);
  }

  /** The channel, without players that no longer report; undefined: there are none. */
  #current(channelId: string): Channel | undefined {
    const channel = this.#channels.get(channelId);
    if (channel === undefined) return undefined;
    const { players } = channel;
    const limit = this.#clock.monotonic() - REMEMBERED_MS;
    for (const [sid, { lastMs }] of players) {
      if (lastMs >= limit && players.size <= MAX_PLAYERS) break;
      players.delete(sid);
    }
    if (players.size > 0) return channel;
    this.#channels.delete(channelId);
    return undefined;
  }

  /** A player cannot count for more than the shares that were given allow. */
  #weightOf(channel: Channel, { sid, rate = 1 }: QoeReport): number {
    if (this.#clock.monotonic() - this.#startedMs < LEARNING_MS)
      channel.leastRate = Math.min(channel.leastRate, rate);
    const share = Math.max(rate, channel.leastRate / TOLERANCE);
    return isSampled(sid, rate) ? 1 / share : 0;
  }
}
