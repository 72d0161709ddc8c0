import { describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { ConnectionError } from '../../../../src/kube/errors.ts';
import {
  NotificationReceiver,
  noNotifications,
  type NotificationReceiverParts,
} from '../../../../src/server/agora-notifications/receiver.ts';
import { ApiProblem } from '../../../../src/server/problems.ts';
import type { AgoraMemberEvent, AuditEntry } from '../../../../src/store/store.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const start = new Date('2026-03-01T12:00:00Z');
const idleRecord = {
  role: 'active',
  platform: 'origin',
  name: 's',
  attempt: 'a',
  since: start.toISOString(),
  idle: { since: start.toISOString(), why: 'no-host' },
} as const;
const idle = aCachedChannel('42', { status: { streams: [idleRecord] } });

/** A receiver whose database and API server are lists that can fail. */
class Stage {
  readonly clock = new FakeClock(start);
  readonly events: AgoraMemberEvent[] = [];
  readonly statements: number[] = [];
  readonly resumed: string[] = [];
  readonly created: string[] = [];
  readonly audited: AuditEntry[] = [];
  readonly outcomes: string[] = [];
  channels: LiveChannel[] = [idle];
  projects: readonly string[] | undefined = ['agora'];
  isNewest = true;
  storeFailure: Error | undefined;
  kubeFailure: Error | undefined;
  #notices = 0;
  readonly receiver = new NotificationReceiver({
    secrets: { signersOf: async () => this.projects },
    maxPerMinute: 2_000,
    policy: { createChannels: true, project: 'agora', template: 'live_{channelId}' },
    cache: { namespace: 'shop', relaying: () => this.channels, channel: () => this.channels[0] },
    writer: {
      resume: async (name) => {
        if (this.kubeFailure !== undefined) throw this.kubeFailure;
        this.resumed.push(name);
      },
      create: async (id) => {
        if (this.kubeFailure !== undefined) throw this.kubeFailure;
        this.created.push(id);
        return { made: true, channel: idle };
      },
    },
    draft: (id) => ({ metadata: { name: id, namespace: 'shop', annotations: {} }, spec: {} }),
    store: {
      addAgoraEvents: async (events) => {
        await Promise.resolve();
        if (this.storeFailure !== undefined) throw this.storeFailure;
        this.events.push(...events);
        this.statements.push(events.length);
        return events.map(() => this.isNewest);
      },
      agoraChannelDestroyed: async () => undefined,
    },
    audit: { add: (entry) => this.audited.push(entry) },
    metrics: {
      notifications: { inc: ({ outcome }: { outcome: string }) => this.outcomes.push(outcome) },
      notificationActions: { inc: () => undefined },
    } as unknown as NotificationReceiverParts['metrics'],
    clock: this.clock,
    logger: silentLogger,
  });

  async send(difference: { event?: number; payload?: object; notice?: string } = {}): Promise<string> {
    const { event = 103, payload = {}, notice = String(this.#notices++) } = difference;
    const now = this.clock.now().getTime();
    const body = {
      ...{ noticeId: notice, productId: 1, eventType: event, notifyMs: now },
      payload: {
        channelName: 'live_42',
        uid: 1_000,
        clientSeq: now,
        ts: Math.floor(now / 1_000),
        ...payload,
      },
    };
    try {
      await this.receiver.receive(Buffer.from(JSON.stringify(body)), {}, 'request');
      return 'ok';
    } catch (error) {
      return error instanceof ApiProblem ? error.code : String(error);
    }
  }
}

describe('authentication', () => {
  test('without a secret, notifications are disabled', async () => {
    const stage = new Stage();
    stage.projects = undefined;
    expect(await stage.send()).toBe('agora-notifications-disabled');
    await expect(noNotifications.receive(Buffer.alloc(0), {}, '')).rejects.toMatchObject({ status: 404 });
  });

  test('a notification that no secret has signed is rejected before it is read', async () => {
    const stage = new Stage();
    stage.projects = [];
    expect(await stage.send({ payload: { uid: 'x' } })).toBe('not-authenticated');
    expect(stage.outcomes).toEqual(['rejected']);
  });
});

describe('a host who joins', () => {
  test('starts the relay, which is audited', async () => {
    const stage = new Stage();
    expect(await stage.send()).toBe('ok');
    expect(stage.resumed).toEqual(['42']);
    expect(stage.audited).toMatchObject([
      { subject: 'agora-notification', action: 'startRelay', channelId: '42', outcome: 'ok' },
    ]);
    expect(stage.events).toMatchObject([
      { project: 'agora', agoraChannel: 'live_42', present: true, host: true },
    ]);
  });

  test('creates the channel if there is none', async () => {
    const stage = new Stage();
    stage.channels = [];
    expect(await stage.send()).toBe('ok');
    expect(stage.created).toEqual(['42']);
    expect(stage.audited).toMatchObject([{ action: 'createChannel', channelId: '42' }]);
  });

  test('who joins and leaves repeatedly starts the relay once in five seconds', async () => {
    const stage = new Stage();
    for (let second = 0; second < 10; second++) {
      await stage.send();
      await stage.send({ event: 104 });
      await stage.clock.advance(1_000);
    }
    expect(stage.resumed).toHaveLength(2);
  });

  test('has no effect when a later event of the same user is known', async () => {
    const stage = new Stage();
    stage.isNewest = false;
    expect(await stage.send()).toBe('ok');
    expect(stage.resumed).toEqual([]);
  });

  test('is repeated by Agora while the API server is away, and starts the relay then', async () => {
    const stage = new Stage();
    stage.kubeFailure = new ConnectionError('refused');
    expect(await stage.send({ notice: 'a' })).toBe('kubernetes-unavailable');
    stage.kubeFailure = undefined;
    expect(await stage.send({ notice: 'a' })).toBe('ok');
    expect(stage.resumed).toEqual(['42']);
    expect(stage.audited.map(({ outcome }) => outcome)).toEqual(['kubernetes-unavailable', 'ok']);
  });

  test('starts the relay while the database is away, and is repeated for the count', async () => {
    const stage = new Stage();
    stage.storeFailure = new StoreError('Unavailable', 'away');
    expect(await stage.send({ notice: 'a' })).toBe('store-unavailable');
    expect(stage.resumed).toEqual(['42']);
    stage.storeFailure = undefined;
    expect(await stage.send({ notice: 'a' })).toBe('ok');
    expect(stage.events).toHaveLength(1);
    expect(stage.resumed).toEqual(['42']);
  });

  test('is not repeated when that cannot help', async () => {
    const stage = new Stage();
    stage.channels = [];
    stage.kubeFailure = new ApiProblem('refused-by-cluster', 'exceeded quota');
    expect(await stage.send()).toBe('ok');
    expect(stage.audited).toMatchObject([{ outcome: 'refused-by-cluster' }]);
  });
});

describe('bounds', () => {
  test('a recorded notification that is sent again starts nothing', async () => {
    const stage = new Stage();
    const old = Math.floor(start.getTime() / 1_000) - 301;
    expect(await stage.send({ payload: { ts: old } })).toBe('ok');
    expect(stage.resumed).toEqual([]);
    expect(stage.events).toHaveLength(1);
    expect(await stage.send({ payload: { ts: old - 3_600 } })).toBe('ok');
    expect(stage.events).toHaveLength(1);
    expect(stage.outcomes).toEqual(['applied', 'stale']);
  });

  test('a repeated notification is answered without any work', async () => {
    const stage = new Stage();
    await stage.send({ notice: 'a' });
    await stage.send({ notice: 'a' });
    expect(stage.outcomes).toEqual(['applied', 'duplicate']);
    expect(stage.events).toHaveLength(1);
  });

  test('sixty channels are created per minute', async () => {
    const stage = new Stage();
    stage.channels = [];
    const answers = await Promise.all(
      Array.from({ length: 61 }, (_, n) => stage.send({ payload: { channelName: `live_${n}` } })),
    );
    expect(answers.filter((answer) => answer === 'too-many-requests')).toHaveLength(1);
    await stage.clock.advance(60_000);
    expect(await stage.send()).toBe('ok');
  });

  test('two thousand signed notifications are accepted per minute, and others do not count', async () => {
    const stage = new Stage();
    const send = (count: number): Promise<string[]> =>
      Promise.all(Array.from({ length: count }, () => stage.send({ event: 101 })));
    stage.projects = [];
    await send(3_000);
    stage.projects = ['agora'];
    expect(new Set(await send(2_000))).toEqual(new Set(['ok']));
    expect(await send(1)).toEqual(['too-many-requests']);
    await stage.clock.advance(60_000);
    expect(await send(1)).toEqual(['ok']);
  });

  test('the events of a thousand viewers who join at once take two statements', async () => {
    const stage = new Stage();
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => stage.send({ event: 105, payload: { uid: n + 1 } })),
    );
    expect(new Set(answers)).toEqual(new Set(['ok']));
    expect(stage.statements).toEqual([1, 999]);
  });
});
