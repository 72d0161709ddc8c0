import type { EffectiveStreamMode } from '../../../api/values.ts';
import { followEvents } from '../../player/channel/event-stream.ts';
import { isRecord, parseJson } from '../../player/channel/parsing.ts';
import { ServiceClient, type ServiceAnswer } from '../../player/channel/service-client.ts';
import { pollDelayMs } from '../../player/channel/service-backoff.ts';
import { browserClock, type Clock } from '../../player/core/clock.ts';
import { isSameView, withSameParts } from '../../player/core/same-view.ts';
import type { SellerChannel } from '../core/facts.ts';
import { health, initialHealth, type HealthMemory } from '../core/health.ts';
import { hlsOption } from '../core/hls-option.ts';
import {
  connectingSeller,
  type AgoraFigures,
  type ChangeView,
  type Seller,
  type SellerSnapshot,
} from '../core/snapshot.ts';
import { uplinkOf } from '../core/uplink.ts';
import { emptyMemory, endedChannel, sellerSnapshot, type SellerMemory } from '../core/view.ts';
import {
  parseBuyers,
  parseDelivery,
  parseHistory,
  parseMode,
  parseNumbers,
  parseSellerChannel,
} from './seller-views.ts';
import { grantsOf, noGrants, type TicketGrants } from './ticket-grants.ts';

/** Health is decided and ages are counted once a second, in addition to when something arrives. */
const TICK_MS = 1_000;
/** The channel, while no events arrive. */
const CHANNEL_POLL_MS = 5_000;
const BUYERS_POLL_MS = 30_000;
const HISTORY_POLL_MS = 60_000;
/** Prices and delays change with the platform, which the channel reports as well. */
const DELIVERY_POLL_MS = 300_000;
/** One failed request is no outage. */
const FAILURES = 2;

export interface SellerSessionOptions {
  /** Address of the service. */
  readonly api: string;
  readonly channelId: string;
  /** Returns a seller's ticket: at first, and after the last one has expired. */
  readonly ticket: () => string | undefined | Promise<string | undefined>;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly clock?: Clock | undefined;
  /** Returns a number from 0 to 1. */
  readonly random?: (() => number) | undefined;
}

/** A channel of the service as its seller sees it: by events, with polls for what they do not contain. */
export class SellerSession implements Seller {
  readonly #client: ServiceClient;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #end = new AbortController();
  readonly #subscribers = new Set<() => void>();
  readonly #timers = new Map<string, () => void>();
  #memory: SellerMemory = emptyMemory;
  #health: HealthMemory = initialHealth;
  #agora: AgoraFigures | undefined;
  #grants: TicketGrants = noGrants;
  #hasEvents = false;
  #failures = 0;
  #snapshot: SellerSnapshot = connectingSeller;

  constructor({ api, channelId, ticket, clock = browserClock, ...options }: SellerSessionOptions) {
    this.#clock = clock;
    this.#random = options.random ?? Math.random;
    const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    const watched = async (): Promise<string | undefined> => {
      const next = await ticket();
      this.#grants = grantsOf(next);
      return next;
    };
    this.#client = new ServiceClient({ ...{ api, channelId, fetch, clock }, ticket: watched });
    const { signal } = this.#end;
    void followEvents({
      ...{ client: this.#client, clock, random: this.#random, signal },
      onEvent: (type, data) => {
        this.#receive(type, data);
      },
      onEnd: () => {
        this.#hasEvents = false;
        void this.#pollChannel();
      },
    });
    void this.#pollChannel();
    this.#repeat('/qoe', BUYERS_POLL_MS, (body) => ({ buyers: parseBuyers(body, clock.monotonic()) }));
    this.#repeat('/metrics', HISTORY_POLL_MS, (body) => ({ history: parseHistory(body) }));
    this.#repeat('/delivery-options', DELIVERY_POLL_MS, (body) => ({ delivery: parseDelivery(body) }));
    this.#tick();
  }

  subscribe(changed: () => void): () => void {
    this.#subscribers.add(changed);
    return () => {
      this.#subscribers.delete(changed);
    };
  }

  snapshot(): SellerSnapshot {
    return this.#snapshot;
  }

  /** The app's own figures; undefined: it has none. */
  setAgora(figures: AgoraFigures | undefined): void {
    this.#agora = figures;
    this.#observe();
  }

  setMode(mode: EffectiveStreamMode): void {
    void this.#change('mode', (signal) => this.#client.send('PATCH', '', { streamMode: mode }, signal));
  }

  start(): void {
    void this.#change('start', (signal) => this.#client.send('PUT', '/relay', undefined, signal));
  }

  stop(): void {
    void this.#change('stop', (signal) => this.#client.send('DELETE', '/relay', undefined, signal));
  }

  destroy(): void {
    this.#end.abort();
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#subscribers.clear();
  }

  async #change(
    kind: ChangeView['kind'],
    send: (signal: AbortSignal) => Promise<ServiceAnswer>,
  ): Promise<void> {
    if (this.#memory.change?.state === 'pending') return;
    this.#update({ change: { kind, state: 'pending' } });
    const answer = await send(this.#end.signal);
    if (this.#end.signal.aborted) return;
    this.#update({ change: answer.type === 'ok' ? undefined : { kind, state: 'failed' } });
    void this.#pollChannel();
    if (kind === 'mode') void this.#poll('/delivery-options', (body) => ({ delivery: parseDelivery(body) }));
  }

  async #pollChannel(): Promise<void> {
    const answer = await this.#client.get('', this.#end.signal);
    if (this.#end.signal.aborted) return;
    this.#plan('', CHANNEL_POLL_MS, () => {
      if (!this.#hasEvents) void this.#pollChannel();
    });
    const channel = answer.type === 'ok' ? parseSellerChannel(answer.body) : undefined;
    if (channel !== undefined) this.#takeChannel(channel);
    else if (answer.type === 'problem' && (answer.status === 401 || answer.status === 403))
      this.#update({ service: 'refused' });
    else if (answer.type === 'problem' && answer.status === 404) this.#takeEnd();
    else if (++this.#failures >= FAILURES || this.#memory.service === 'connecting')
      this.#update({ service: 'away' });
  }

  /** Requests a path now, and again after each interval. A failure leaves what is known, which then grows old. */
  #repeat(path: string, intervalMs: number, parse: (body: unknown) => Partial<SellerMemory>): void {
    void this.#poll(path, parse).then(() => {
      if (this.#end.signal.aborted) return;
      this.#plan(path, intervalMs, () => {
        this.#repeat(path, intervalMs, parse);
      });
    });
  }

  async #poll(path: string, parse: (body: unknown) => Partial<SellerMemory>): Promise<void> {
    const answer = await this.#client.get(path, this.#end.signal);
    if (!this.#end.signal.aborted && answer.type === 'ok') this.#update(parse(answer.body));
  }

  #plan(name: string, intervalMs: number, run: () => void): void {
    this.#timers.get(name)?.();
    this.#timers.set(name, this.#clock.schedule(pollDelayMs(intervalMs, this.#random), run));
  }

  #receive(type: string, data: string): void {
    if (type === 'ticket-expired') {
      this.#client.dropTicket();
      return;
    }
    this.#hasEvents = true;
    this.#failures = 0;
    if (type === 'ended') {
      this.#takeEnd();
      return;
    }
    const value = parseJson(data);
    if (type === 'numbers') {
      const at = this.#clock.monotonic();
      const numbers = parseNumbers(value, at);
      if (numbers !== undefined) this.#update({ service: 'ok', numbers: { ...numbers, at } });
    } else if (type === 'mode') this.#update({ announced: parseMode(value) });
    else if ((type === 'snapshot' || type === 'status') && isRecord(value)) {
      const channel = parseSellerChannel(value['channel']);
      if (channel !== undefined) this.#takeChannel(channel);
    }
  }

  #takeChannel(channel: SellerChannel): void {
    this.#failures = 0;
    const { announced } = this.#memory;
    const holds =
      announced !== undefined && announced.at > this.#epochMs() && channel.mode !== announced.mode;
    this.#update({ service: 'ok', channel, announced: holds ? announced : undefined });
  }

  #takeEnd(): void {
    const { channel } = this.#memory;
    this.#update({ service: 'ok', channel: channel ? { ...channel, ended: true } : endedChannel });
  }

  #update(change: Partial<SellerMemory>): void {
    this.#memory = { ...this.#memory, ...change };
    this.#observe();
  }

  #tick(): void {
    if (this.#end.signal.aborted) return;
    this.#observe();
    this.#timers.set(
      'tick',
      this.#clock.schedule(TICK_MS, () => {
        this.#tick();
      }),
    );
  }

  #observe(): void {
    const now = this.#clock.monotonic();
    const { service, channel, numbers, buyers, delivery } = this.#memory;
    this.#health = health(
      {
        ...{ now, service, channel, buyers },
        media: numbers?.media,
        expectedDelaySeconds: hlsOption(delivery)?.delaySeconds,
        uplink: uplinkOf(this.#agora, now - this.#epochMs()),
      },
      this.#health,
    );
    const next = withSameParts(
      sellerSnapshot(this.#memory, { now, health: this.#health.view, grants: this.#grants }),
      this.#snapshot,
    );
    if (isSameView(next, this.#snapshot)) return;
    this.#snapshot = next;
    for (const changed of [...this.#subscribers]) changed();
  }

  #epochMs(): number {
    return this.#clock.now().getTime();
  }
}
