import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { annotations } from '../../../../src/api/names.ts';
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

type Happenings = Record<string, (stage: ReconcilerStage) => unknown>;
const platforms: readonly PlatformName[] = ['origin', 'other', 'away'];
const atPlatforms = (happen: (name: PlatformName) => Happenings): Happenings =>
  Object.assign({}, ...platforms.map(happen)) as Happenings;

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

/** What may happen at any moment; test/unit/channel/plan/next-step-property.test.ts has more of it, on a faster world. */
const happenings: Happenings = {
  'the operator dies after one effect': (stage) => stage.reconcileUntilDeath(1),
  'the operator dies after two effects': (stage) => stage.reconcileUntilDeath(2),
  'the operator dies after three effects': (stage) => stage.reconcileUntilDeath(3),
  'the operator dies after six effects': (stage) => stage.reconcileUntilDeath(6),
  'an hour passes': (stage) => stage.clock.advance(3_600_000),
  'the Secrets are deleted by hand': (stage) => {
    for (const secret of stage.api.list('Secret'))
      if (secret.metadata.ownerReferences !== undefined) stage.api.remove(secret);
  },
  'the pods are deleted by hand': (stage) => {
    for (const pod of stage.api.list('Pod')) stage.api.delete(pod, pod.metadata);
  },
  'the host goes': (stage) => {
    stage.hostIsThere = false;
  },
  'the host comes': (stage) => {
    stage.hostIsThere = true;
  },
  ...atPlatforms((name) => ({
    [`${name} goes out`]: ({ clouds }) => Object.assign(clouds[name], { answering: false, ingestUp: false }),
    [`${name} comes back`]: ({ clouds }) => Object.assign(clouds[name], { answering: true, ingestUp: true }),
    [`the ingest of ${name} goes out`]: ({ clouds }) => Object.assign(clouds[name], { ingestUp: false }),
    [`${name} is full`]: ({ clouds }) => Object.assign(clouds[name], { full: true }),
    [`${name} has room`]: ({ clouds }) => Object.assign(clouds[name], { full: false }),
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
    [`${name} is looked at`]: (stage) => stage.look(name).catch(() => undefined),
    [`the user asks for ${name}`]: (stage) => {
      const fallback = stage.channel?.spec.fallbackPlatformRef;
      stage.edit({
        platformRef: { name },
        fallbackPlatformRef: fallback?.name === name ? undefined : fallback,
      });
    },
  })),
  'the user asks for a fallback platform': (stage) => {
    if (stage.channel?.spec.platformRef?.name !== 'away')
      stage.edit({ fallbackPlatformRef: { name: 'away' } });
  },
  'the user asks for low latency': (stage) => {
    stage.edit({ playback: { latency: 'low' } });
  },
  'the user asks for standard latency': (stage) => {
    stage.edit({ playback: {} });
  },
  'the user suspends': (stage) => {
    stage.edit({ suspend: true });
  },
  'the user resumes': (stage) => {
    stage.edit({ suspend: false });
  },
  'the user asks for agora-only': (stage) => {
    stage.edit({ streamMode: 'agora-only' });
  },
  'the user asks for hls-only': (stage) => {
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
  'the user asks for no budget': (stage) => {
    stage.edit({ budget: undefined });
  },
  'the user asks for another key': (stage) => {
    stage.askForKey(stage.clock.now().toISOString());
  },
};
const forgetting: Happenings = {
  'somebody takes the annotation off': (stage) => {
    stage.edit({}, { [annotations.streams]: undefined });
  },
};
const usual: Happenings = {
  'the operator reconciles': (stage) => stage.reconcile(),
  'the kubelet works': (stage) => {
    stage.kubelet();
  },
  'ten seconds pass': (stage) => stage.clock.advance(10_000),
  'everybody works for a minute': (stage) => stage.work(),
};

const story = (names: Happenings): fc.Arbitrary<string[]> =>
  fc.array(fc.oneof(fc.constantFrom(...Object.keys(names)), fc.constantFrom(...Object.keys(usual))), {
    maxLength: 30,
  });

/** A stage that has seen all of this. */
async function after(events: readonly string[]): Promise<ReconcilerStage> {
  const stage = new ReconcilerStage();
  const all = { ...happenings, ...forgetting, ...usual };
  for (const event of events) await all[event]?.(stage);
  return stage;
}

/** Whatever was broken is mended, and everybody works until nothing moves any more. */
async function calm(stage: ReconcilerStage, sweeps: boolean): Promise<void> {
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
      await stage.look(name);
      if (sweeps) await stage.sweep(name);
    }
    await stage.work(6, 60);
  }
}

function expectIdle(stage: ReconcilerStage): void {
  const { channel } = stage;
  if (channel === undefined) throw new Error('the channel is gone');
  const want = desiredResources(channel);
  const home = budgetPlatform(channel) ?? homePlatform(channel) ?? 'origin';
  const active = stage.records[0];
  expect(stage.streams).toEqual(want.stream ? [`${home} ${String(active?.id)}`] : []);
  expect(stage.records).toHaveLength(want.stream ? 1 : 0);
  expect(stage.children).toHaveLength(want.relay ? 2 : want.stream ? 1 : 0);
  if (want.relay) expect(stage.condition('Ready')).toBe('True Live');
  if (agoraOnlyDecision(channel) !== undefined)
    expect(channel.status?.effectiveStreamMode).toBe('agora-only');
}
/** RUNS=2000 looks longer. */
const runs = { numRuns: Number(process.env['RUNS'] ?? 40) };

test('whatever happened, a channel ends up as its spec asks, with one stream, never having had two of a name', async () => {
  await fc.assert(
    fc.asyncProperty(story(happenings), async (events) => {
      const stage = await after(events);
      await calm(stage, false);
      for (const name of platforms) expect(stage.clouds[name].doubles).toEqual([]);
      expectIdle(stage);
    }),
    runs,
  );
});

test('whatever happened, deletion ends with nothing', async () => {
  await fc.assert(
    fc.asyncProperty(story(happenings), async (events) => {
      const stage = await after(events);
      stage.delete();
      await calm(stage, false);
      expect([stage.channel, stage.children, stage.streams]).toEqual([undefined, [], []]);
    }),
    runs,
  );
});

test('what a lost annotation forgot is found again, or swept up', async () => {
  await fc.assert(
    fc.asyncProperty(story({ ...happenings, ...forgetting }), async (events) => {
      const stage = await after(events);
      await calm(stage, true);
      expectIdle(stage);
    }),
    runs,
  );
});
