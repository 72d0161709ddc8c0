import { expect, test } from '@jest/globals';
import { Counter } from 'prom-client';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { ApiError, ConnectionError } from '../../../../src/kube/errors.ts';
import { HostSweep } from '../../../../src/server/agora-notifications/host-sweep.ts';
import type { AgoraAudience } from '../../../../src/store/store.ts';
import { ApiProblem } from '../../../../src/server/problems.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const since = '2026-03-01T12:00:00Z';
/** Idle since then, until its host joins. */
const idle = (name: string) =>
  aCachedChannel(name, {
    spec: { relay: { startOn: 'host' } },
    status: {
      streams: [
        {
          ...({ role: 'active', platform: 'origin', name: 's', attempt: 'a' } as const),
          since,
          idle: { since, why: 'no-host' },
        },
      ],
    },
  });
const audience: AgoraAudience = {
  namespace: 'shop',
  project: 'agora',
  agoraChannel: '42',
  viewers: 0,
  hostUids: [1_000],
  relayUids: [],
  projectHeardAt: new Date(since),
};

function* iterated<T>(all: readonly T[]): Generator<T> {
  yield* all;
}

/** A sweep over channels 41, 42 and 43, whose host is in the Agora channel. */
class Stage {
  readonly clock = new FakeClock(new Date(since));
  readonly resumed: string[] = [];
  readonly audited: string[] = [];
  readonly failures = new Map<string, Error>();
  isStoreAway = false;
  readonly #channels = ['41', '42', '43'].map(idle);
  readonly sweep = new HostSweep({
    cache: {
      namespace: 'shop',
      relaying: (project) => (project === 'agora' ? this.#channels : []),
      channelsAfter: () => iterated(this.#channels),
    },
    writer: {
      resume: async (name) => {
        const failure = this.failures.get(name);
        if (failure !== undefined) throw failure;
        this.resumed.push(name);
      },
    },
    store: {
      agoraAudience: async () => {
        if (this.isStoreAway) throw new Error('the database is away');
        return [audience, { ...audience, namespace: 'other' }, { ...audience, project: 'other' }];
      },
    },
    audit: {
      add: ({ subject, action, channelId, outcome }) =>
        this.audited.push(`${subject} ${action} ${String(channelId)} ${outcome}`),
    },
    metrics: {
      notificationActions: new Counter({
        ...{ name: 'actions', help: 'x', labelNames: ['action', 'outcome'], registers: [] },
      }),
    },
    clock: this.clock,
    logger: silentLogger,
    random: () => 0,
  });
}

test('relays that missed their host are started, until the sweep ends', async () => {
  const stage = new Stage();
  const stop = new AbortController();
  const running = stage.sweep.run(stop.signal);
  await stage.clock.advance(45_000);
  expect(stage.resumed).toEqual([]);
  stage.isStoreAway = true;
  await stage.clock.advance(15_000);
  stage.isStoreAway = false;
  await stage.clock.advance(15_000);
  expect(stage.resumed).toEqual(['41', '42', '43']);
  expect(stage.audited).toEqual(['41', '42', '43'].map((id) => `agora-notification startRelay ${id} ok`));
  stop.abort();
  await running;
});

test.each<[string, Error, string[]]>([
  ['has been deleted', new ApiError('patch', { status: 404, reason: 'NotFound' }), []],
  [
    'is rejected',
    new ApiProblem('refused-by-cluster', 'denied by policy'),
    ['agora-notification startRelay 41 refused-by-cluster'],
  ],
])('a channel that %s does not keep the others off air', async (_, failure, audited) => {
  const stage = new Stage();
  await stage.clock.advance(60_000);
  stage.failures.set('41', failure);
  await stage.sweep.sweep();
  expect(stage.resumed).toEqual(['42', '43']);
  expect(stage.audited.slice(0, -2)).toEqual(audited);
});

test('while the API server is away the sweep ends at once', async () => {
  const stage = new Stage();
  await stage.clock.advance(60_000);
  stage.failures.set('42', new ConnectionError('refused'));
  await expect(stage.sweep.sweep()).rejects.toMatchObject({ code: 'kubernetes-unavailable' });
  expect(stage.resumed).toEqual(['41']);
});

test('a channel to which each write fails does not end every sweep', async () => {
  const stage = new Stage();
  await stage.clock.advance(60_000);
  stage.failures.set('41', new ConnectionError('the webhook for admission does not answer'));
  await expect(stage.sweep.sweep()).rejects.toMatchObject({ code: 'kubernetes-unavailable' });
  expect(stage.resumed).toEqual([]);
  await stage.clock.advance(15_000);
  await stage.sweep.sweep();
  expect(stage.resumed).toEqual(['42', '43']);
  stage.failures.clear();
  await stage.clock.advance(60_000);
  await stage.sweep.sweep();
  expect(stage.resumed).toContain('41');
});
