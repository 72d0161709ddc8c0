import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { annotations } from '../../../src/api/names.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { Alerts } from '../../../src/recorder/recording/alerts.ts';
import { BudgetPolicy } from '../../../src/recorder/cost-control/budget-policy.ts';
import { channelKey } from '../../../src/recorder/recording/take-sample.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { aChannel } from '../../support/channel/channel-examples.ts';

let server: TestPostgres;
let store: Store;
beforeAll(async () => {
  server = await TestPostgres.start();
  store = openStore({ url: await migratedDatabase(server) });
}, 60_000);
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test('the open alerts of a channel that is deleted under the next leader are resolved, and the receiver is told', async () => {
  const clock = new FakeClock(new Date('2026-01-01T05:00:00Z'));
  const leader = () => {
    const alerts = new Alerts(store, () => {});
    const keeper = new BudgetPolicy({
      clock,
      ledger: { spent: () => 12_000_000, showOf: () => undefined, endShow: () => {} },
      alerts,
      event: () => {},
      cheaperPlatform: () => undefined,
      spentRatio: () => {},
    });
    return { alerts, keeper };
  };
  const budget = {
    usd: '12.00',
    per: 'hour',
    actionAt80Percent: 'alert',
    actionAt100Percent: 'stop',
  } as const;
  const channel = aChannel({ spec: { budget } });
  const first = leader();
  const noted = first.keeper.desired({ channel, at: clock.now() })[annotations.budget];
  await first.alerts.run();
  const { namespace } = channelKey(channel);
  const open = await store.alerts({ namespace, open: true, most: 10 });
  expect(open.map(({ kind }) => kind)).toEqual(['BudgetSpent']);
  for (const alert of open) await store.alertDelivered(alert, clock.now());
  expect(await store.undeliveredAlerts(10)).toEqual([]);

  const next = leader();
  next.keeper.forget(
    aChannel({ spec: { budget }, metadata: { annotations: { [annotations.budget]: noted ?? '' } } }),
  );
  await next.alerts.run();
  expect(await store.alerts({ namespace, open: true, most: 10 })).toEqual([]);
  expect((await store.undeliveredAlerts(10)).map(({ resolvedAt }) => resolvedAt)).toEqual([clock.now()]);
}, 60_000);
