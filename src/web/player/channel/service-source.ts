import type { QoeSnapshot } from '../../../server/contract/qoe.ts';
import type { PlayerReport } from '../qoe/report-quality.ts';
import type { Clock } from '../core/clock.ts';
import type { ProblemKind } from '../core/snapshot.ts';
import type { ChannelSource, ChannelState } from './channel-state.ts';
import { followEvents } from './event-stream.ts';
import { pollDelayMs } from './service-backoff.ts';
import { ServiceClient, type ServiceAnswer } from './service-client.ts';
import { channelState, emptyMemory, needsPlayback, withNews, type ServiceMemory } from './service-state.ts';
import { parseChannel, parseEvent, parsePlayback, parseRelay, parseSampleRate } from './service-views.ts';

/** Interval of polls while no events arrive. */
const POLL_MS = 10_000;
/** Without a ticket, the address itself is requested with every third poll: it reports a migration. */
const POLLS_PER_ADDRESS = 3;
/** Requests because playback has a problem are not sent sooner than this after the last one. */
const REFRESH_MS = 2_000;
/** A signed address is renewed at this part of its life. */
const RENEWAL = 0.8;
const SHORTEST_RENEWAL_MS = 5_000;
/** Timers hold 31 bits; an address that lives longer is renewed at the latest then. */
const LONGEST_RENEWAL_MS = 86_400_000;
/** One failed request is no outage. */
const FAILURES = 2;

export interface ServiceSourceOptions {
  /** Address of the service. */
  readonly api: string;
  readonly channelId: string;
  /** Returns a ticket for the channel; none for public channels. */
  readonly ticket?: (() => string | undefined | Promise<string | undefined>) | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly clock: Clock;
  /** Returns a number from 0 to 1. */
  readonly random?: (() => number) | undefined;
}

/** A channel of the service: by events where there is a ticket, and by polling otherwise or while there are none. */
export class ServiceSource implements ChannelSource {
  readonly #client: ServiceClient;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #end = new AbortController();
  readonly #subscribers = new Set<(state: ChannelState) => void>();
  #memory: ServiceMemory = emptyMemory;
  #state: ChannelState = channelState(emptyMemory);
  #failures = 0;
  #polls = 0;
  #polling = false;
  #pollAgain = false;
  #polledAt = -Infinity;
  #hasEvents = false;
  #stopPoll: () => void = () => undefined;
  #stopRenewal: () => void = () => undefined;
  #stopRefresh: (() => void) | undefined;

  constructor(options: ServiceSourceOptions) {
    const { api, channelId, ticket, clock } = options;
    this.#clock = clock;
    this.#random = options.random ?? Math.random;
    const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#client = new ServiceClient({ api, channelId, ticket, fetch, clock });
    void this.#poll();
    if (!this.#client.hasTickets) return;
    void followEvents({
      ...{ client: this.#client, clock, random: this.#random, signal: this.#end.signal },
      onEvent: (type, data) => {
        this.#receive(type, data);
      },
      onEnd: () => {
        this.#eventsEnded();
      },
    });
  }

  subscribe(changed: (state: ChannelState) => void): () => void {
    this.#subscribers.add(changed);
    return () => {
      this.#subscribers.delete(changed);
    };
  }

  state(): ChannelState {
    return this.#state;
  }

  refresh(): void {
    if (this.#stopRefresh !== undefined) return;
    const wait = Math.max(0, this.#polledAt + REFRESH_MS - this.#clock.monotonic());
    this.#stopRefresh = this.#clock.schedule(wait, () => {
      this.#stopRefresh = undefined;
      void this.#poll(true);
    });
  }

  clockSkewMs(): number | undefined {
    return this.#client.clockSkewMs();
  }

  /** Reports a problem. It is counted, and nothing else: whether that succeeded is of no concern to the viewer. */
  report(kind: ProblemKind, qoe: QoeSnapshot | undefined): void {
    void this.#client.send('POST', '/feedback', { kind, qoe }, this.#end.signal);
  }

  /** `isLast`: at the end of the page. Returns the share of players that should report; undefined: the service has not said. */
  async sendQuality(report: PlayerReport, isLast: boolean): Promise<number | undefined> {
    if (isLast) {
      this.#client.beacon('/qoe', report);
      return undefined;
    }
    const answer = await this.#client.send('POST', '/qoe', report, this.#end.signal);
    return answer.type === 'ok' ? parseSampleRate(answer.body) : undefined;
  }

  destroy(): void {
    this.#end.abort();
    this.#stopPoll();
    this.#stopRenewal();
    this.#stopRefresh?.();
    this.#subscribers.clear();
  }

  /** `renew`: requests the address as well, although there is one. */
  async #poll(renew = false): Promise<void> {
    if (this.#polling) {
      this.#pollAgain ||= renew;
      return;
    }
    this.#polling = true;
    this.#stopPoll();
    this.#polledAt = this.#clock.monotonic();
    const retryAfterSeconds = await this.#requestAll(renew);
    this.#polling = false;
    if (this.#end.signal.aborted) return;
    if (this.#pollAgain) {
      this.#pollAgain = false;
      this.refresh();
    }
    this.#planPoll(retryAfterSeconds);
  }

  #planPoll(retryAfterSeconds: number | undefined): void {
    this.#stopPoll();
    // Events report the channel; the address is requested when they name another stream.
    if (this.#hasEvents && !needsPlayback(this.#memory) && this.#memory.refused === undefined) return;
    const wait = Math.max(pollDelayMs(POLL_MS, this.#random), (retryAfterSeconds ?? 0) * 1_000);
    this.#stopPoll = this.#clock.schedule(wait, () => void this.#poll());
  }

  /** Returns what the service requests to wait, in seconds. */
  async #requestAll(renew: boolean): Promise<number | undefined> {
    const { hasTickets } = this.#client;
    const answer = await this.#client.get(hasTickets ? '' : '/relay', this.#end.signal);
    if (this.#end.signal.aborted) return undefined;
    if (answer.type !== 'ok') return this.#takeFailure(answer);
    const channel = hasTickets ? parseChannel(answer.body) : parseRelay(answer.body);
    if (channel === undefined) return this.#takeFailure({ type: 'away' });
    this.#failures = 0;
    this.#update(withNews(this.#memory, { type: 'channel', channel }, this.#epochMs()));
    const isDue = !hasTickets && ++this.#polls % POLLS_PER_ADDRESS === 0;
    if (!renew && !isDue && !needsPlayback(this.#memory)) return undefined;
    return this.#requestPlayback();
  }

  async #requestPlayback(): Promise<number | undefined> {
    const answer = await this.#client.get('/playback', this.#end.signal);
    if (this.#end.signal.aborted) return undefined;
    if (answer.type !== 'ok') return this.#takeFailure(answer);
    const playback = parsePlayback(answer.body);
    if (playback === undefined) return this.#takeFailure({ type: 'away' });
    this.#failures = 0;
    const stream = this.#memory.channel?.stream ?? playback.url;
    this.#update({
      ...this.#memory,
      service: 'ok',
      refused: undefined,
      agoraOnly: false,
      playback: { ...playback, stream },
    });
    this.#planRenewal(playback.expiresAt);
    return undefined;
  }

  #planRenewal(expiresAt: number | undefined): void {
    this.#stopRenewal();
    if (expiresAt === undefined) return;
    const life = expiresAt - this.#epochMs() - (this.#client.clockSkewMs() ?? 0);
    const wait = Math.min(Math.max(life * RENEWAL, SHORTEST_RENEWAL_MS), LONGEST_RENEWAL_MS);
    this.#stopRenewal = this.#clock.schedule(wait, () => void this.#poll(true));
  }

  #takeFailure(answer: Exclude<ServiceAnswer, { readonly type: 'ok' }>): number | undefined {
    if (answer.type === 'away') {
      if (++this.#failures >= FAILURES || this.#memory.service === 'unknown')
        this.#update({ ...this.#memory, service: 'away' });
      return undefined;
    }
    const memory: ServiceMemory = { ...this.#memory, service: 'ok' };
    const { status, code, retryAfterSeconds } = answer;
    if (code === 'agora-only') this.#update({ ...memory, agoraOnly: true, playback: undefined });
    else if (code === 'ticket-expired') this.#update({ ...memory, refused: 'ticket-expired' });
    else if (status === 401) this.#update({ ...memory, refused: 'not-authenticated' });
    else if (status === 403) this.#update({ ...memory, refused: 'not-allowed' });
    else if (status === 404) this.#update({ ...memory, refused: 'not-found' });
    else if (code === 'stream-not-ready') this.#update({ ...memory, playback: undefined });
    else {
      this.#failures++;
      if (this.#failures >= FAILURES) this.#update({ ...this.#memory, service: 'away' });
    }
    return retryAfterSeconds;
  }

  #eventsEnded(): void {
    if (!this.#hasEvents) return;
    this.#hasEvents = false;
    this.#planPoll(undefined);
  }

  #receive(type: string, data: string): void {
    const news = parseEvent(type, data);
    if (news === undefined) return;
    if (news.type === 'ticket-expired') {
      this.#client.dropTicket();
      return;
    }
    const isFirst = !this.#hasEvents;
    this.#hasEvents = true;
    this.#failures = 0;
    this.#update(withNews(this.#memory, news, this.#epochMs()));
    if (isFirst) this.#planPoll(undefined);
    if (needsPlayback(this.#memory)) this.refresh();
  }

  #update(memory: ServiceMemory): void {
    this.#memory = memory;
    const state = channelState(memory);
    // Flat data, whose members always have the same order.
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    for (const changed of [...this.#subscribers]) changed(state);
  }

  #epochMs(): number {
    return this.#clock.now().getTime();
  }
}
