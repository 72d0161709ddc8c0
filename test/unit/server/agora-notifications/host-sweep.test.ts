import { expect, test } from '@jest/globals';
import { Counter } from 'prom-client';
import { streamRecordAnnotations } from '../../../../src/api/annotations/stream-records.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { HostSweep } from '../../../../src/server/agora-notifications/host-sweep.ts';
import type { AgoraAudience } from '../../../../src/store/store.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const since = '2026-03-01T12:00:00Z';
const idle = aCachedChannel('42', {
  spec: { relay: { startOn: 'host' } },
  annotations: streamRecordAnnotations('uid-of-42', [
    {
      ...({ role: 'active', platform: 'origin', name: 's', attempt: 'a' } as const),
      since,
      idle: { since, why: 'no-host' },
    },
  ]),
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

test('a relay that missed its host is started, until the sweep ends', async () => {
  const clock = new FakeClock(new Date(since));
  const resumed: string[] = [];
  const audited: string[] = [];
  let isAway = false;
  const sweep = new HostSweep({
    cache: { namespace: 'shop', relaying: (project) => (project === 'agora' ? [idle] : []) },
    writer: {
      resume: async (name) => {
        resumed.push(name);
      },
    },
    store: {
      agoraAudience: async () => {
        if (isAway) throw new Error('the database is away');
        return [audience, { ...audience, namespace: 'other' }, { ...audience, project: 'other' }];
      },
    },
    audit: {
      add: ({ subject, action, channelId }) => audited.push(`${subject} ${action} ${String(channelId)}`),
    },
    metrics: {
      notificationActions: new Counter({ name: 'actions', help: 'x', labelNames: ['action', 'outcome'] }),
    },
    clock,
    logger: silentLogger,
  });
  const stop = new AbortController();
  const running = sweep.run(stop.signal);
  await clock.advance(45_000);
  expect(resumed).toEqual([]);
  isAway = true;
  await clock.advance(15_000);
  isAway = false;
  await clock.advance(15_000);
  expect(resumed).toEqual(['42']);
  expect(audited).toEqual(['agora-notification startRelay 42']);
  stop.abort();
  await running;
});
