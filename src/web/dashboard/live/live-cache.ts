import type { QueryClient } from '@tanstack/react-query';
import type { AlertView } from '../../../api/alerts.ts';
import type { ChannelView } from '../../../api/channel-view.ts';
import { cacheKeys } from './cache-keys.ts';
import { applyEvents, type Channels, type LiveData, type Moments, type Numbers } from './live-data.ts';
import type { LiveEvent } from './live-event.ts';

/** Writes events to the query cache, from which all components read. */
export class LiveCache {
  readonly #client: QueryClient;
  readonly #now: () => number;
  /** Events of channels since the list was requested: the answer may be older than they are. */
  #sinceRequest: LiveEvent[] | undefined;

  constructor(client: QueryClient, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** The channels as `read` returns them, with the events that arrived meanwhile. */
  async list(read: () => Promise<readonly ChannelView[]>): Promise<Channels> {
    const since: LiveEvent[] = [];
    this.#sinceRequest = since;
    try {
      const channels = new Map((await read()).map((channel) => [channel.id, channel]));
      return applyEvents({ ...this.#read(), channels }, since, this.#now()).channels ?? channels;
    } finally {
      if (this.#sinceRequest === since) this.#sinceRequest = undefined;
    }
  }

  /** null: none has arrived yet. */
  numbers(): Numbers | null {
    return this.#client.getQueryData<Numbers>(cacheKeys.numbers) ?? null;
  }

  moments(): Moments {
    return this.#client.getQueryData<Moments>(cacheKeys.moments) ?? new Map();
  }

  apply(events: readonly LiveEvent[]): void {
    this.#sinceRequest?.push(
      ...events.filter(({ type }) => type === 'snapshot' || type === 'status' || type === 'ended'),
    );
    const before = this.#read();
    const after = applyEvents(before, events, this.#now());
    if (after.channels !== before.channels) this.#client.setQueryData(cacheKeys.channels, after.channels);
    if (after.numbers !== before.numbers) this.#client.setQueryData(cacheKeys.numbers, after.numbers);
    if (after.moments !== before.moments) this.#client.setQueryData(cacheKeys.moments, after.moments);
    if (after.openAlerts !== before.openAlerts)
      this.#client.setQueryData(cacheKeys.openAlerts, after.openAlerts);
    for (const event of events)
      if (event.type === 'alert' && event.alert.channelId !== null)
        void this.#client.invalidateQueries({ queryKey: [...cacheKeys.alerts, event.alert.channelId] });
  }

  /** Reads again what events keep current: some of them may have been missed. */
  readAgain(): void {
    void this.#client.invalidateQueries({ queryKey: cacheKeys.channels });
    void this.#client.invalidateQueries({ queryKey: cacheKeys.openAlerts });
  }

  #read(): LiveData {
    return {
      channels: this.#client.getQueryData<Channels>(cacheKeys.channels),
      numbers: this.numbers() ?? undefined,
      openAlerts: this.#client.getQueryData<AlertView[]>(cacheKeys.openAlerts),
      moments: this.moments(),
    };
  }
}
