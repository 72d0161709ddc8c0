import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { annotations, STREAM_FINALIZER } from '../../../../src/api/names.ts';
import { agoraOnlyDecision } from '../../../../src/channel/desired/stream-mode.ts';
import { budgetPlatform } from '../../../../src/channel/desired/budget.ts';
import {
  budgetAnnotation,
  modeAnnotation,
  type BudgetDecision,
  type ModeDecision,
} from '../../../../src/api/annotations/cost-decisions.ts';
import { activeRecord } from '../../../../src/api/stream-records.ts';
import { homePlatform } from '../../../../src/channel/desired/platform.ts';
import { requiresRelay, desiredResources } from '../../../../src/channel/desired/resources.ts';
import { World } from '../world.ts';
import type { BudgetAction } from '../../../../src/api/values.ts';

type Events = Record<string, (world: World) => unknown>;
type PlatformName = keyof World['clouds'];

const atPlatforms = (happen: (name: PlatformName) => Events): Events =>
  Object.assign({}, ...(['origin', 'other', 'away'] as const).map(happen)) as Events;

/** What the recorder writes into annotations, and invalid values from others. */
function decisions(): Events {
  const channel = 'channel-uid';
  const choose = (mode: ModeDecision['mode'], seconds: number): Events[string] => {
    const reason = mode === 'hybrid' ? 'CheaperOnHls' : 'CheaperOnAgora';
    return (world) => {
      const [decidedAt, at] = [0, seconds].map((each) =>
        new Date(world.time.getTime() + each * 1_000).toISOString(),
      );
      const choice = {
        channel,
        mode,
        decidedAt: decidedAt ?? '',
        at: at ?? '',
        reason,
        message: mode,
      } as const;
      world.annotate(annotations.mode, modeAnnotation(choice)[annotations.mode]);
    };
  };
  const spend = (action: BudgetAction, level: BudgetDecision['level'] = 'spent'): Events[string] => {
    return (world) => {
      const since = world.time.toISOString();
      const money = { period: '2026-03', since, spentUsd: '9', limitUsd: '9' };
      // Not all actions are those of the spec. The others must have no effect.
      const actionAt100Percent = action === 'none' ? 'alert' : action;
      const budget = { usd: '9', per: 'month', actionAt80Percent: 'alert', actionAt100Percent } as const;
      world.change({ budget });
      const choice = { channel, level, ...money, action, platform: 'other', message: action };
      world.annotate(annotations.budget, budgetAnnotation(choice)[annotations.budget]);
    };
  };
  return {
    'Agora alone is cheaper': choose('agora-only', 0),
    'Agora alone will soon be cheaper': choose('agora-only', 20),
    'HLS is cheaper': choose('hybrid', 0),
    'the budget is spent: lower the cap': spend('lower-cap'),
    'the budget is spent: another platform': spend('switch-platform'),
    'the budget is spent: Agora alone': spend('agora-only'),
    'the budget is spent: stop': spend('stop'),
    'another level of the budget': spend('stop', 'nearly'),
    'a new period of the budget': spend('none', 'ok'),
    'the user removes the budget': (world) => {
      world.change({ budget: undefined });
    },
    'invalid decisions are written': (world) => {
      world.annotate(annotations.mode, '{"channel":"channel-uid","mode":"hls-only"}');
      world.annotate(annotations.budget, 'stop!');
    },
    'decisions are copied with a manifest': (world) => {
      const mode = world.channel.metadata.annotations?.[annotations.mode];
      world.annotate(annotations.mode, mode?.replace('channel-uid', 'another-uid'));
    },
  };
}

/** What may happen at any time. */
const anyTimeEvents: Events = {
  'the operator reconciles': (world) => world.reconcile(),
  'the operator crashes after one effect': (world) => {
    world.reconcileUntilDeath(1);
  },
  'the operator crashes after two effects': (world) => {
    world.reconcileUntilDeath(2);
  },
  'the operator crashes after three effects': (world) => {
    world.reconcileUntilDeath(3);
  },
  'the kubelet works': (world) => {
    world.kubelet();
  },
  'everything runs for a minute': (world) => {
    work(world, 6, 10);
  },
  'a second passes': (world) => {
    world.wait(1);
  },
  'ten seconds pass': (world) => {
    world.wait(10);
  },
  'a minute passes': (world) => {
    world.wait(60);
  },
  'an hour passes': (world) => {
    world.wait(3_600);
  },
  'the first pod is deleted by hand': (world) => {
    world.changePod(0, { deleting: true });
  },
  'the second pod is evicted': (world) => {
    world.changePod(1, { phase: 'Failed', running: false, reason: 'Evicted' });
  },
  'a container restarts': (world) => {
    world.changePod(0, { restartCount: (world.pods[0]?.facts.restartCount ?? 0) + 1 });
  },
  'the first Secret is deleted by hand': (world) => (world.secrets[0] = undefined),
  'the second Secret is deleted by hand': (world) => (world.secrets[1] = undefined),
  'the Agora credentials are deleted': (world) => (world.credentials = undefined),
  'the Agora credentials change': (world) =>
    (world.credentials = { appId: 'b'.repeat(32), digest: 'others', token: { from: 'certificate' } }),
  'the host leaves': (world) => (world.hostIsThere = false),
  'the host joins': (world) => (world.hostIsThere = true),
  ...atPlatforms((name) => ({
    [`the API of ${name} fails`]: (world) => (world.clouds[name].answering = false),
    [`the API of ${name} recovers`]: (world) => (world.clouds[name].answering = true),
    [`the ingest of ${name} fails`]: (world) => (world.clouds[name].ingestUp = false),
    [`the ingest of ${name} recovers`]: (world) => (world.clouds[name].ingestUp = true),
    [`${name} is full`]: (world) => (world.clouds[name].full = true),
    [`${name} has quota again`]: (world) => (world.clouds[name].full = false),
    [`the answer to the next create on ${name} is lost`]: (world) =>
      (world.clouds[name].nextCreate = 'answer-lost'),
    [`the next create on ${name} is lost`]: (world) => (world.clouds[name].nextCreate = 'call-lost'),
    [`the streams on ${name} vanish`]: (world) => {
      world.clouds[name].vanish();
    },
    [`the user selects ${name}`]: (world) => {
      const fallback = world.channel.spec.fallbackPlatformRef;
      world.change({
        platformRef: { name },
        fallbackPlatformRef: fallback?.name === name ? undefined : fallback,
      });
    },
  })),
  'the user removes the platform': (world) => {
    world.change({ platformRef: undefined });
  },
  'the user sets a fallback platform': (world) => {
    if (world.channel.spec.platformRef?.name !== 'away')
      world.change({ fallbackPlatformRef: { name: 'away' } });
  },
  'the user sets another fallback platform': (world) => {
    if (world.channel.spec.platformRef?.name !== 'other')
      world.change({ fallbackPlatformRef: { name: 'other' } });
  },
  'the user removes the fallback platform': (world) => {
    world.change({ fallbackPlatformRef: undefined });
  },
  'the user sets low latency': (world) => {
    world.change({ playback: { latency: 'low', access: 'public', recording: 'off' } });
  },
  'the user sets standard latency': (world) => {
    world.change({ playback: { latency: 'standard', access: 'public', recording: 'off' } });
  },
  'the user suspends the channel': (world) => {
    world.change({ suspend: true });
  },
  'the user resumes the channel': (world) => {
    world.change({ suspend: false });
  },
  'the user sets agora-only': (world) => {
    world.change({ streamMode: 'agora-only' });
  },
  'the user sets hls-only': (world) => {
    world.change({ streamMode: 'hls-only' });
  },
  'the user sets another keyframe interval': (world) => {
    world.change({ relay: { ...world.channel.spec.relay, keyframeIntervalSeconds: 4 } });
  },
  'the user enables a hot standby': (world) => {
    world.change({ relay: { ...world.channel.spec.relay, replicas: 2 } });
  },
  'the user disables the standby': (world) => {
    world.change({ relay: { ...world.channel.spec.relay, replicas: 1 } });
  },
  'the user enables idling without a host': (world) => {
    const idle = { ...world.channel.spec.relay.idle, noHostSeconds: 60, hostProbeIntervalSeconds: 30 };
    world.change({ relay: { ...world.channel.spec.relay, idle } });
  },
  'the user disables idling': (world) => {
    const idle = { ...world.channel.spec.relay.idle, noHostSeconds: 0 };
    world.change({ relay: { ...world.channel.spec.relay, idle } });
  },
  'the user sets auto': (world) => {
    world.change({ streamMode: 'auto' });
  },
  ...decisions(),
  'the app resumes the channel': (world) => {
    world.annotate(annotations.resume, world.time.toISOString());
  },
  'the first relay hangs': (world) => {
    world.hang(0, true);
  },
  'the second relay hangs': (world) => {
    world.hang(1, true);
  },
  'the relays recover': (world) => {
    world.hang(0, false);
    world.hang(1, false);
  },
  'the first container restarts': (world) => {
    world.restartContainer(0);
  },
  'the second container restarts': (world) => {
    world.restartContainer(1);
  },
  'the user requests a key rotation': (world) => {
    world.annotate(annotations.rotateKey, world.time.toISOString());
  },
};
const deletionEvents: Events = {
  'the user sets deletionPolicy Retain': (world) => {
    world.change({ deletionPolicy: 'Retain' });
  },
  'the user deletes the channel': (world) => {
    if (world.channel.metadata.finalizers?.includes(STREAM_FINALIZER) === true) world.delete();
  },
};
const corruptionEvents: Events = {
  'the finalizer is removed by hand': (world) => {
    const metadata = { ...world.channel.metadata, finalizers: [] };
    if (metadata.deletionTimestamp === undefined) world.channel = { ...world.channel, metadata };
  },
  'the records are removed from the status by hand': (world) => {
    world.lose('records');
  },
  'the status is lost': (world) => {
    world.lose('status');
  },
};

/** A world after all of these events. */
function after(events: readonly string[]): World {
  const world = new World();
  const all = { ...anyTimeEvents, ...deletionEvents, ...corruptionEvents };
  for (const event of events) if (world.exists) all[event]?.(world);
  return world;
}

/** Repairs everything that is broken, without running anything. */
function repair(world: World): void {
  for (const cloud of Object.values(world.clouds))
    Object.assign(cloud, { answering: true, ingestUp: true, full: false, nextCreate: undefined });
  world.credentials ??= { appId: 'c'.repeat(32), digest: 'mended', token: { from: 'certificate' } };
  world.hostIsThere = true;
  world.hang(0, false);
  world.hang(1, false);
}

/** Runs everything until the state is steady: a quarter of an hour, for drains and the return to the home platform. */
function settle(world: World, often: () => void = () => undefined): void {
  repair(world);
  work(world, 16, 60, often);
  expect(world.reconcile()).toBe(0);
}

function work(world: World, rounds: number, seconds: number, often: () => void = () => undefined): void {
  for (let round = 0; round < rounds; round += 1) {
    world.reconcile();
    world.kubelet();
    world.reconcile();
    world.wait(seconds);
    often();
  }
}

function expectNoDuplicates(world: World): void {
  for (const cloud of Object.values(world.clouds)) expect(cloud.duplicates).toEqual([]);
}

/** The channel has what its spec requires, and nothing else exists. */
function expectIdle(world: World): void {
  const desired = desiredResources(world.channel);
  const home = budgetPlatform(world.channel) ?? homePlatform(world.channel) ?? 'origin';
  const there = Object.values(world.clouds).flatMap((cloud) =>
    cloud.streams().map(({ id, name }) => ({ id, name, platform: cloud.name })),
  );
  const active = activeRecord(world.channel);
  if (!desired.stream) {
    expect({ there, active }).toEqual({ there: [], active: undefined });
    expect([...world.pods, ...world.secrets].filter((each) => each !== undefined)).toEqual([]);
    return;
  }
  expect(there).toEqual([{ id: active?.id, name: world.streamName(home), platform: home }]);
  const relays = desired.relay ? world.channel.spec.relay.replicas : 0;
  expect(world.secrets.filter((each) => each !== undefined)).toHaveLength(Math.max(relays, 1));
  expect(world.pods.filter((each) => each !== undefined)).toHaveLength(relays);
  expect(world.pushing()).toEqual(desired.relay ? [active?.slot] : []);
  expect(active !== undefined && world.onAir(active)).toBe(desired.relay);
  expect(active).not.toHaveProperty('insteadOf');
  expect(active?.idle).toEqual(expectedIdle(world));
  expect(world.channel.status?.effectiveStreamMode).toEqual(expectedMode(world));
}

/** A relay is idle while viewers are on Agora to save costs, and for no other reason while there is a host. */
function expectedIdle({ channel }: World): unknown {
  const decision = requiresRelay(channel) ? agoraOnlyDecision(channel) : undefined;
  return decision === undefined ? undefined : { since: expect.any(String) as unknown, why: 'agora' };
}

function expectedMode({ channel }: World): unknown {
  if (agoraOnlyDecision(channel) !== undefined) return 'agora-only';
  // Off air, the mode in the status does not change: there is no relay to return to.
  return requiresRelay(channel) ? desiredResources(channel).mode : expect.any(String);
}

/** Repeated more often, because without progress in between few faults are possible. */
const frequentEvents = [
  'the operator reconciles',
  'the kubelet works',
  'ten seconds pass',
  'everything runs for a minute',
];
const onAir = 'everything runs for a minute';
/** Sequences begin in different states. */
const prologue = fc.constantFrom<readonly string[]>(
  [],
  [onAir],
  ['the user sets a fallback platform', onAir, 'the ingest of origin fails', onAir],
  ['the user selects other', 'the user sets a fallback platform', 'the API of other fails', onAir],
);
const sequenceOf = (names: object): fc.Arbitrary<readonly string[]> =>
  fc
    .tuple(
      prologue,
      fc.array(fc.oneof(fc.constantFrom(...Object.keys(names)), fc.constantFrom(...frequentEvents)), {
        maxLength: 40,
      }),
    )
    .map(([before, events]) => [...before, ...events]);
/** RUNS=6000 tests more sequences. */
const runs = { numRuns: Number(process.env['RUNS'] ?? 400) };

test('a stream that was forgotten and found again is not deleted while a relay pushes to it', () => {
  const world = after([
    onAir,
    'the user suspends the channel',
    'the annotation is corrupted by hand',
    'the operator reconciles',
    'the user sets agora-only',
  ]);
  settle(world);
  expectIdle(world);
});

test('a relay that hung when the budget was spent may be on air, so viewers are given the time to switch to Agora', () => {
  const world = after([
    onAir,
    'the first relay hangs',
    'the budget is spent: Agora alone',
    'the operator crashes after one effect',
  ]);
  settle(world);
  expectIdle(world);
});

test('a channel that is agora-only to save costs does not create a stream on the fallback platform', () => {
  const away = ['the user sets a fallback platform', onAir, 'the ingest of origin fails', onAir];
  const world = after([
    ...away,
    'the Agora credentials are deleted',
    'the budget is spent: Agora alone',
    onAir,
  ]);
  settle(world);
  expectIdle(world);
});

describe('after any sequence of events', () => {
  test('a channel has what its spec requires, with exactly one stream and one relay', () => {
    fc.assert(
      fc.property(sequenceOf(anyTimeEvents), (events) => {
        const world = after(events);
        settle(world);
        expectNoDuplicates(world);
        expectIdle(world);
      }),
      runs,
    );
  });

  test('a deleted channel leaves no pod, no Secret, no finalizer, and no stream unless it is retained', () => {
    fc.assert(
      fc.property(sequenceOf({ ...anyTimeEvents, ...deletionEvents }), (events) => {
        const world = after(events);
        if (world.exists) world.delete();
        settle(world);
        expectNoDuplicates(world);
        expect(world).toMatchObject({
          exists: false,
          pods: [undefined, undefined],
          secrets: [undefined, undefined],
        });
        const left = Object.values(world.clouds).flatMap((cloud) => cloud.streams()).length;
        expect(left).toBeLessThanOrEqual(world.channel.spec.deletionPolicy === 'Retain' ? 1 : 0);
      }),
      runs,
    );
  });

  test('an operator that crashes after every single effect reaches the same state', () => {
    fc.assert(
      fc.property(sequenceOf(anyTimeEvents), (events) => {
        const world = after(events);
        repair(world);
        for (let crashes = 0; crashes < 100; crashes += 1) {
          world.reconcileUntilDeath(1);
          world.kubelet();
          world.wait(6);
        }
        settle(world);
        expectNoDuplicates(world);
        expectIdle(world);
      }),
      { numRuns: Math.ceil(runs.numRuns / 3) },
    );
  });

  test('forgotten streams are found again, or deleted as orphaned', () => {
    fc.assert(
      fc.property(sequenceOf({ ...anyTimeEvents, ...corruptionEvents }), (events) => {
        const world = after(events);
        settle(world, () => {
          world.sweep();
        });
        expectIdle(world);
      }),
      runs,
    );
  });
});
