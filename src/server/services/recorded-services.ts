import type { ChannelId } from '../../api/channel-id.ts';
import type { Resolution } from '../../api/values.ts';
import type { Clock } from '../../base/clock.ts';
import { startOfMonth } from '../../base/utc-time.ts';
import type { Alert, Store } from '../../store/store.ts';
import type { ChannelCache } from '../cache/channel-cache.ts';
import type { LiveNumbers } from '../cache/live-numbers.ts';
import { MOST_MOMENTS } from '../contract/history.ts';
import type { Answer, CallContext, Input, Services } from '../service.ts';
import { budgetsView, periodToRead, withBudget } from './budgets-view.ts';
import type { CallGuard } from './call-guard.ts';
import { compareCosts } from './cost-comparison.ts';
import { costsView } from './costs-view.ts';
import { storeUnavailable } from './kube-problems.ts';
import { overviewOf } from './overview.ts';
import { platformViews } from './platform-views.ts';
import type { PricesFile } from './prices-file.ts';
import { pricesView } from './prices-view.ts';
import {
  alertView,
  hoursOf,
  lastDaysOf,
  lastHourOf,
  metricPointView,
  momentView,
  stepsOf,
} from './store-views.ts';
import { usageView } from './usage-view.ts';

export interface RecordedParts {
  readonly clock: Clock;
  readonly cache: ChannelCache;
  readonly live: Pick<LiveNumbers, 'of' | 'refresh'>;
  readonly openAlerts: () => readonly Alert[] | undefined;
  /** undefined: there is no database. */
  readonly store: Store | undefined;
  readonly guard: CallGuard;
  readonly prices: Pick<PricesFile, 'value'>;
}

type RecordedOperations = Pick<
  Services,
  'metrics' | 'history' | 'usage' | 'overview' | 'platforms' | 'costs' | 'prices' | 'budgets' | 'alerts'
>;

/** The operations that read what is measured, recorded and paid, of all channels or of one, and change nothing. */
export abstract class RecordedServices implements RecordedOperations {
  readonly #parts: RecordedParts;

  constructor(parts: RecordedParts) {
    this.#parts = parts;
  }

  metrics(call: CallContext, id: ChannelId, query: Input<'metrics', 2>): Answer<'metrics'> {
    const { guard, cache, clock } = this.#parts;
    return guard.run('metrics', call, async () => {
      const steps = stepsOf(query, clock.now());
      // The channel may have been deleted: its metrics are kept.
      const points = await this.store().metrics({ namespace: cache.namespace, channelId: id, ...steps });
      return points.map(metricPointView);
    });
  }

  history(call: CallContext, id: ChannelId, query: Input<'history', 2>): Answer<'history'> {
    const { guard, cache, clock } = this.#parts;
    return guard.run('history', call, async () => {
      const period = lastHourOf(query, clock.now());
      // The channel may have been deleted: its history is kept.
      const key = { namespace: cache.namespace, channelId: id };
      const moments = await this.store().history({ ...key, ...period, most: MOST_MOMENTS });
      return moments.map(momentView);
    });
  }

  usage(call: CallContext, query: Input<'usage', 1>): Answer<'usage'> {
    const { guard, cache, clock } = this.#parts;
    return guard.run('usage', call, async () => {
      const { channelId } = query;
      const period = lastDaysOf(query, clock.now());
      const sums = await this.store().serviceSums({
        namespace: cache.namespace,
        ...(channelId === undefined ? {} : { channelId }),
        ...period,
      });
      return usageView(sums, period);
    });
  }

  overview(call: CallContext): Answer<'overview'> {
    const { guard, cache, live, prices, openAlerts, clock } = this.#parts;
    return guard.run('overview', call, async () => {
      await live.refresh();
      return overviewOf({
        channels: cache.channelsAfter(),
        live: (id) => live.of(id),
        platform: (name) => cache.platform(name),
        prices: prices.value,
        alerts: openAlerts(),
        now: clock.now(),
      });
    });
  }

  platforms(call: CallContext): Answer<'platforms'> {
    const { guard, cache } = this.#parts;
    return guard.run('platforms', call, () => platformViews(cache.platforms(), cache.channelsAfter()));
  }

  costs(call: CallContext, query: Input<'costs', 1>): Answer<'costs'> {
    const { guard, cache, prices, clock } = this.#parts;
    return guard.run('costs', call, async () => {
      const period = hoursOf(query);
      const { channelId } = query;
      const entries = await this.store().costsOf({
        namespace: cache.namespace,
        ...(channelId === undefined ? {} : { channelId }),
        ...period,
      });
      const { platforms } = prices.value;
      const resolution = (id: ChannelId): Resolution =>
        cache.channel(id)?.spec.relay.maxResolution ?? '1080p';
      return costsView(entries, period, clock.now(), (some) =>
        compareCosts(some, cache.platforms(), resolution, platforms),
      );
    });
  }

  prices(call: CallContext): Answer<'prices'> {
    const { guard, cache, prices } = this.#parts;
    return guard.run('prices', call, () => pricesView(prices.value, cache.platforms()));
  }

  budgets(call: CallContext): Answer<'budgets'> {
    const { guard, cache, clock } = this.#parts;
    return guard.run('budgets', call, async () => {
      const { namespace } = cache;
      const now = clock.now();
      const channels = withBudget(cache.channelsAfter());
      const store = this.store();
      const [spentInMonth, byChannel] = await Promise.all([
        store.spentOf({ namespace, from: startOfMonth(now), to: now }),
        store.spentBy(
          namespace,
          channels.flatMap((channel) => periodToRead(channel, now) ?? []),
        ),
      ]);
      return budgetsView(channels, { month: spentInMonth, byChannel });
    });
  }

  alerts(call: CallContext, query: Input<'alerts', 1>): Answer<'alerts'> {
    const { guard, cache } = this.#parts;
    return guard.run('alerts', call, async () => {
      const { channelId, platform, kind, open, limit, before } = query;
      const found = await this.store().alerts({
        namespace: cache.namespace,
        most: limit + 1,
        ...(channelId === undefined ? {} : { channelId }),
        ...(platform === undefined ? {} : { platform }),
        ...(kind === undefined ? {} : { kind }),
        ...(open === undefined ? {} : { open }),
        ...(before === undefined ? {} : { before }),
      });
      const items = found.slice(0, limit).map(alertView);
      return { items, next: found.length > limit ? items.at(-1)?.id : undefined };
    });
  }

  /** @throws ApiProblem store-unavailable */
  protected store(): Store {
    const { store } = this.#parts;
    if (store === undefined) throw storeUnavailable();
    return store;
  }
}
