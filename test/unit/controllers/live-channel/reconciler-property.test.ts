import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agoraOnlyDecision } from '../../../../src/channel/desired/stream-mode.ts';
import { budgetPlatform } from '../../../../src/channel/desired/budget.ts';
import {
  budgetAnnotation,
  modeAnnotation,
  type ModeDecision,
} from '../../../../src/api/annotations/cost-decisions.ts';
import { homePlatform } from '../../../../src/channel/desired/platform.ts';
import { desiredResources } from '../../../../src/channel/desired/resources.ts';
import { ReconcilerStage, type PlatformName } from './reconciler-stage.ts';

type Events = Record<string, (stage: ReconcilerStage) => unknown>;
const platforms: readonly PlatformName[] = ['origin', 'other', 'away'];
const atPlatforms = (happen: (name: PlatformName) => Events): Events =>
  Object.assign({}, ...platforms.map(happen)) as Events;

function decided({ channel, clock }: ReconcilerStage, mode: ModeDecision['mode']): Record<string, string> {
  const at = clock.now().toISOString();
  const reason = mode === 'hybrid' ? 'CheaperOnHls' : 'CheaperOnAgora';
  const uid = channel?.metadata.uid ?? '';
  return modeAnnotation({ channel: uid, mode, decidedAt: at, at, reason, message: mode });
}

function spend(
  stage: ReconcilerStage,
  action: 'lower-cap' | 'switch-platform' | 'agora-only' | 'stop',
): void {
  const budget = { usd: '9', per: 'month', actionAt100Percent: action };
  const { channel, clock } = stage;
  const money = { period: '2026-03', since: clock.now().toISOString(), spentUsd: '9', limitUsd: '9' };
  const about = { channel: channel?.metadata.uid ?? '', level: 'spent', platform: 'other' } as const;
  stage.edit({ budget }, budgetAnnotation({ ...about, ...money, action, message: action }));
}

/**
 * What may happen at any time. test/unit/channel/plan/next-step-property.test.ts tests more events, with a faster
 * model.
 */
const anyTimeEvents: Events = {
  'the operator crashes after one effect': (stage) => stage.reconcileUntilDeath(1),
  'the operator crashes after two effects': (stage) => stage.reconcileUntilDeath(2),
  'the operator crashes after three effects': (stage) => stage.reconcileUntilDeath(3),
  'the operator crashes after six effects': (stage) => stage.reconcileUntilDeath(6),
  'an hour passes': (stage) => stage.clock.advance(3_600_000),
  'the Secrets are deleted by hand': (stage) => {
    for (const secret of stage.api.list('Secret'))
      if (secret.metadata.ownerReferences !== undefined) stage.api.remove(secret);
  },
  'the pods are deleted by hand': (stage) => {
    for (const pod of stage.api.list('Pod')) stage.api.delete(pod, pod.metadata);
  },
  'the host leaves': (stage) => {
    stage.hostIsThere = false;
  },
  'the host joins': (stage) => {
    stage.hostIsThere = true;
  },
  ...atPlatforms((name) => ({
    [`${name} fails`]: ({ clouds }) => Object.assign(clouds[name], { answering: false, ingestUp: false }),
    [`${name} recovers`]: ({ clouds }) => Object.assign(clouds[name], { answering: true, ingestUp: true }),
    [`the ingest of ${name} fails`]: ({ clouds }) => Object.assign(clouds[name], { ingestUp: false }),
    [`${name} is full`]: ({ clouds }) => Object.assign(clouds[name], { full: true }),
    [`${name} has quota again`]: ({ clouds }) => Object.assign(clouds[name], { full: false }),
    [`the answer to the next create on ${name} is lost`]: ({ clouds }) =>
      Object.assign(clouds[name], { nextCreate: 'answer-lost' }),
    [`the next create on ${name} is lost`]: ({ clouds }) =>
      Object.assign(clouds[name], { nextCreate: 'call-lost' }),
    [`the streams on ${name} vanish`]: ({ clouds }) => {
      clouds[name].vanish();
    },
    [`${name} is slow to delete`]: (stage) => {
      stage.driver(name).slowDeletes = 2;
    },
    [`${name} is polled`]: (stage) => stage.poll(name).catch(() => undefined),
    [`the user selects ${name}`]: (stage) => {
      const fallback = stage.channel?.spec.fallbackPlatformRef;
      stage.edit({
        platformRef: { name },
        fallbackPlatformRef: fallback?.name === name ? undefined : fallback,
      });
    },
  })),
  'the user sets a fallback platform': (stage) => {
    if (stage.channel?.spec.platformRef?.name !== 'away')
      stage.edit({ fallbackPlatformRef: { name: 'away' } });
  },
  'the user sets low latency': (stage) => {
    stage.edit({ playback: { latency: 'low' } });
  },
  'the user sets standard latency': (stage) => {
    stage.edit({ playback: {} });
  },
  'the user suspends the channel': (stage) => {
    stage.edit({ suspend: true });
  },
  'the user resumes the channel': (stage) => {
    stage.edit({ suspend: false });
  },
  'the user sets agora-only': (stage) => {
    stage.edit({ streamMode: 'agora-only' });
  },
  'the user sets hls-only': (stage) => {
    stage.edit({ streamMode: 'hls-only' });
  },
  'Agora alone is cheaper': (stage) => {
    stage.edit({ streamMode: 'auto' }, decided(stage, 'agora-only'));
  },
  'HLS is cheaper': (stage) => {
    stage.edit({}, decided(stage, 'hybrid'));
  },
  'the budget is spent: lower the cap': (stage) => {
    spend(stage, 'lower-cap');
  },
  'the budget is spent: another platform': (stage) => {
    spend(stage, 'switch-platform');
  },
  'the budget is spent: Agora alone': (stage) => {
    spend(stage, 'agora-only');
  },
  'the budget is spent: stop': (stage) => {
    spend(stage, 'stop');
  },
  'the user removes the budget': (stage) => {
    stage.edit({ budget: undefined });
  },
  'the user requests a key rotation': (stage) => {
    stage.requestKeyRotation(stage.clock.now().toISOString());
  },
};
const corruptionEvents: Events = {
  'the records are removed from the status by hand': (stage) => {
    stage.lose('records');
  },
  'the status is lost': (stage) => {
    stage.lose('status');
  },
};
const frequentEvents: Events = {
  'the operator reconciles': (stage) => stage.reconcile(),
  'the kubelet works': (stage) => {
    stage.kubelet();
  },
  'ten seconds pass': (stage) => stage.clock.advance(10_000),
  'everything runs for a minute': (stage) => stage.work(),
};

const sequenceOf = (names: Events): fc.Arbitrary<string[]> =>
  fc.array(
    fc.oneof(fc.constantFrom(...Object.keys(names)), fc.constantFrom(...Object.keys(frequentEvents))),
    {
      maxLength: 30,
    },
  );

/** A stage after all of these events. */
async function after(events: readonly string[]): Promise<ReconcilerStage> {
  const stage = new ReconcilerStage();
  const all = { ...anyTimeEvents, ...corruptionEvents, ...frequentEvents };
  for (const event of events) await all[event]?.(stage);
  return stage;
}

/** Repairs everything that is broken, and runs everything until the state is steady. */
async function settle(stage: ReconcilerStage, sweeps: boolean): Promise<void> {
  stage.hostIsThere = true;
  for (const name of platforms) {
    Object.assign(stage.clouds[name], {
      answering: true,
      ingestUp: true,
      full: false,
      nextCreate: undefined,
    });
    stage.driver(name).slowDeletes = 0;
  }
  await stage.work(6);
  for (let round = 0; round < 3; round += 1) {
    for (const name of platforms) {
      await stage.poll(name);
      if (sweeps) await stage.sweep(name);
    }
    await stage.work(6, 60);
  }
}

function expectIdle(stage: ReconcilerStage): void {
  const { channel } = stage;
  if (channel === undefined) throw new Error('the channel is gone');
  const desired = desiredResources(channel);
  const home = budgetPlatform(channel) ?? homePlatform(channel) ?? 'origin';
  const active = stage.records[0];
  expect(stage.streams).toEqual(desired.stream ? [`${home} ${String(active?.id)}`] : []);
  expect(stage.records).toHaveLength(desired.stream ? 1 : 0);
  expect(stage.children).toHaveLength(desired.relay ? 2 : desired.stream ? 1 : 0);
  if (desired.relay) expect(stage.condition('Ready')).toBe('True Live');
  if (agoraOnlyDecision(channel) !== undefined)
    expect(channel.status?.effectiveStreamMode).toBe('agora-only');
}
/** RUNS=2000 tests more sequences. */
const runs = { numRuns: Number(process.env['RUNS'] ?? 40) };

test('after any events, a channel has what its spec requires, with one stream, and never had two of one name', async () => {
  await fc.assert(
    fc.asyncProperty(sequenceOf(anyTimeEvents), async (events) => {
      const stage = await after(events);
      await settle(stage, false);
      for (const name of platforms) expect(stage.clouds[name].duplicates).toEqual([]);
      expectIdle(stage);
    }),
    runs,
  );
});

test('after any events, deletion leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(sequenceOf(anyTimeEvents), async (events) => {
      const stage = await after(events);
      stage.delete();
      await settle(stage, false);
      expect([stage.channel, stage.children, stage.streams]).toEqual([undefined, [], []]);
    }),
    runs,
  );
});

test('streams forgotten with a lost annotation are found again, or deleted as orphaned', async () => {
  await fc.assert(
    fc.asyncProperty(sequenceOf({ ...anyTimeEvents, ...corruptionEvents }), async (events) => {
      const stage = await after(events);
      await settle(stage, true);
      expectIdle(stage);
    }),
    runs,
  );
});
