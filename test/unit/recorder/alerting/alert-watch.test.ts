import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import type { StreamingPlatform } from '../../../../src/api/streaming-platform.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { AlertWatch } from '../../../../src/recorder/alerting/alert-watch.ts';
import { Alerts } from '../../../../src/recorder/recording/alerts.ts';
import type { Alert } from '../../../../src/store/store.ts';
import { start } from '../examples.ts';
import { channelWith, condition, named, offAir, onAir, platformWith } from './examples.ts';

/** The alerts in the database. */
let stored: Alert[];
let channels: LiveChannel[];
let platforms: StreamingPlatform[];
let unreadable: LiveChannel[];
let events: string[];
let clock: FakeClock;
let leader: { watch: AlertWatch; alerts: Alerts };
beforeEach(() => {
  stored = [];
  channels = [];
  platforms = [platformWith()];
  unreadable = [];
  events = [];
  clock = new FakeClock(start);
  leader = newLeader();
});

function newLeader(): typeof leader {
  const open = (alert: Pick<Alert, 'channelId' | 'platform'>, kind: string): Alert | undefined =>
    stored.find(
      (each) =>
        each.resolvedAt === undefined &&
        each.kind === kind &&
        each.channelId === alert.channelId &&
        (alert.channelId !== undefined || each.platform === alert.platform),
    );
  const resolve = async (alert: Alert | undefined, at: Date): Promise<Alert | undefined> => {
    if (alert === undefined) return undefined;
    const resolved = { ...alert, resolvedAt: at };
    stored = stored.map((each) => (each === alert ? resolved : each));
    return resolved;
  };
  const alerts = new Alerts(
    {
      raiseAlert: async (alert) => {
        if (open(alert, alert.kind) !== undefined) return undefined;
        const raised = { ...alert, id: String(stored.length + 1), resolvedAt: undefined };
        stored.push(raised);
        return raised;
      },
      resolveAlert: async () => undefined,
      resolveAlertOfKind: (subject, kind, at) => resolve(open(subject, kind), at),
    },
    () => undefined,
  );
  const watch = new AlertWatch({
    clock,
    alerts,
    store: { openAlerts: async () => stored.filter(({ resolvedAt }) => resolvedAt === undefined) },
    channels: { list: () => channels },
    platforms: { list: () => platforms },
    namespaces: undefined,
    unreadable: () => unreadable.map(({ metadata }) => metadata),
    unreadablePlatforms: () => [],
    maxStreams: async () => 100,
    event: (object, type, reason, message) => {
      events.push(`${object.metadata.name} ${type} ${reason} ${message.split(':')[0] ?? ''}`);
    },
  });
  return { watch, alerts };
}
/** As the recorder runs it. */
async function pass(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    await leader.watch.run();
    await leader.alerts.run();
    await clock.advance(5_000);
  }
}
const open = (): string[] =>
  stored
    .filter(({ resolvedAt }) => resolvedAt === undefined)
    .map(({ kind, channelId, platform }) => `${kind} ${channelId ?? `platform ${platform ?? ''}`}`);

describe('a channel that is off air', () => {
  test('raises one alert after a minute, which is resolved half a minute after it is on air', async () => {
    channels = [offAir];
    await pass(60);
    expect(open()).toEqual([]);
    await pass(600);
    expect(stored).toMatchObject([
      {
        kind: 'ChannelOffAir',
        channelId: 'show',
        namespace: 'shop',
        platform: 'origin',
        severity: 'critical',
      },
    ]);
    channels = [onAir];
    await pass(30);
    expect(open()).toEqual(['ChannelOffAir show']);
    await pass(10);
    expect(open()).toEqual([]);
    expect(events).toEqual([
      'show Warning AlertRaised ChannelOffAir',
      'show Normal AlertResolved ChannelOffAir',
    ]);
  });

  test('is another occasion when it returns, and none while it flaps', async () => {
    channels = [offAir];
    await pass(70);
    for (let times = 0; times < 10; times++) {
      channels = [onAir];
      await pass(20);
      channels = [offAir];
      await pass(20);
    }
    expect(stored).toHaveLength(1);
    channels = [onAir];
    await pass(40);
    channels = [offAir];
    await pass(70);
    expect(new Set(stored.map(({ occasion }) => occasion)).size).toBe(2);
    expect(open()).toHaveLength(1);
  });

  test('raises no second alert under a new leader, which resolves the first one', async () => {
    channels = [offAir];
    await pass(70);
    leader = newLeader();
    await pass(200);
    expect(stored).toHaveLength(1);
    leader = newLeader();
    channels = [onAir];
    await pass(40);
    expect(open()).toEqual([]);
  });

  test('has no alert after it was deleted, even if that happened between two leaders', async () => {
    channels = [offAir];
    await pass(70);
    channels = [];
    leader = newLeader();
    unreadable = [offAir];
    await pass(10);
    expect(open()).toHaveLength(1);
    unreadable = [channelWith([], { metadata: { name: 'another' } })];
    await pass(10);
    expect(open()).toEqual([]);
  });
});

test('three restarts within ten minutes raise an alert, ten minutes without one resolve it', async () => {
  const restarted = (restarts: number): LiveChannel =>
    channelWith([], { status: { relay: { restarts, lastRestartTime: clock.now().toISOString() } } });
  channels = [restarted(4)];
  await pass(60);
  for (const count of [5, 6]) {
    channels = [restarted(count)];
    await pass(120);
  }
  expect(open()).toEqual([]);
  channels = [restarted(7)];
  await pass(10);
  expect(open()).toEqual(['RelayRestarting show']);
  leader = newLeader();
  await pass(580);
  expect(open()).toEqual(['RelayRestarting show']);
  await pass(20);
  expect(open()).toEqual([]);
});

describe('a platform', () => {
  test('that is not ready has an alert without a channel, which is resolved when it was deleted', async () => {
    platforms = [platformWith([condition('Ready', 'False', 'CredentialsRejected')])];
    await pass(130);
    expect(stored).toMatchObject([
      { kind: 'PlatformNotReady', namespace: undefined, channelId: undefined, platform: 'origin' },
    ]);
    platforms = [];
    await pass(10);
    expect(open()).toEqual([]);
  });

  test('that fails for 10,000 channels raises one alert, and single ones only for what remains', async () => {
    const all = Array.from({ length: 10_000 }, (_, index) => named(offAir, `show-${String(index)}`));
    platforms = [platformWith([condition('Ready', 'False', 'PlatformUnavailable')])];
    channels = all;
    await pass(300);
    expect(open()).toEqual(['ManyChannelsAffected platform origin', 'PlatformNotReady platform origin']);
    platforms = [platformWith()];
    channels = all.map((channel, index) => (index === 7 ? channel : named(onAir, channel.metadata.name)));
    await pass(70);
    expect(open()).toEqual([]);
    await pass(70);
    expect(open()).toEqual(['ChannelOffAir show-7']);
  });

  test('whose API works while its ingest refuses many channels raises one alert for them', async () => {
    channels = Array.from({ length: 25 }, (_, index) => named(offAir, `show-${String(index)}`));
    await pass(120);
    expect(open()).toEqual(['ManyChannelsAffected platform origin']);
    expect(stored[0]?.message).toMatch(/^25 channels of the platform are off air/);
  });

  test('does not hold back the alerts of another one', async () => {
    platforms = [
      platformWith([condition('Ready', 'False', 'CredentialsRejected')]),
      platformWith(undefined, {}, 'other'),
    ];
    const elsewhere = { ...offAir, status: { ...offAir.status, streamingPlatform: 'other' } } as LiveChannel;
    channels = [offAir, named(elsewhere, 'elsewhere')];
    await pass(130);
    expect(open().sort()).toEqual(['ChannelOffAir elsewhere', 'PlatformNotReady platform origin']);
  });
});

test('the number of open alerts of each kind is known, budgets included', async () => {
  channels = [offAir];
  await pass(70);
  leader.alerts.raise({
    ...{ namespace: 'shop', channelId: 'show', raisedAt: start, severity: 'critical', message: 'spent' },
    ...{ kind: 'BudgetSpent', occasion: 'budget' },
  });
  await pass(5);
  leader = newLeader();
  await pass(5);
  expect(Object.fromEntries(leader.alerts.openByKind())).toMatchObject({
    ChannelOffAir: 1,
    BudgetSpent: 1,
    OrphanedStreams: 0,
  });
});
