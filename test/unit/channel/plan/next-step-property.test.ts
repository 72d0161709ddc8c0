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
import { activeRecord } from '../../../../src/api/annotations/stream-records.ts';
import { homePlatform } from '../../../../src/channel/desired/platform.ts';
import { requiresRelay, desiredResources } from '../../../../src/channel/desired/resources.ts';
import { World } from '../world.ts';
import type { BudgetAction } from '../../../../src/api/values.ts';

type Happenings = Record<string, (world: World) => unknown>;
type PlatformName = keyof World['clouds'];

const atPlatforms = (happen: (name: PlatformName) => Happenings): Happenings =>
  Object.assign({}, ...(['origin', 'other', 'away'] as const).map(happen)) as Happenings;

/** What the recorder writes, and what somebody else might. */
function decisions(): Happenings {
  const channel = 'channel-uid';
  const choose = (mode: ModeDecision['mode'], seconds: number): Happenings[string] => {
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
  const spend = (action: BudgetAction, level: BudgetDecision['level'] = 'spent'): Happenings[string] => {
    return (world) => {
      const since = world.time.toISOString();
      const money = { period: '2026-03', since, spentUsd: '9', limitUsd: '9' };
      // Not all actions are as the spec asks: those do nothing.
      const actionAt100Percent = action === 'none' ? 'alert' : action;
      const budget = { usd: '9', per: 'month', actionAt80Percent: 'alert', actionAt100Percent } as const;
      world.change({ budget });
      const choice = { channel, level, ...money, action, platform: 'other', message: action };
      world.annotate(annotations.budget, budgetAnnotation(choice)[annotations.budget]);
    };
  };
  return {
    'Agora alone is cheaper': choose('agora-only', 0),
    'Agora alone is cheaper from soon on': choose('agora-only', 20),
    'HLS is cheaper': choose('hybrid', 0),
    'the budget is spent: lower the cap': spend('lower-cap'),
    'the budget is spent: another platform': spend('switch-platform'),
    'the budget is spent: Agora alone': spend('agora-only'),
    'the budget is spent: stop': spend('stop'),
    'another level of the budget': spend('stop', 'nearly'),
    'a new period of the budget': spend('none', 'ok'),
    'the user asks for no budget': (world) => {
      world.change({ budget: undefined });
    },
    'somebody writes what is no decision': (world) => {
      world.annotate(annotations.mode, '{"channel":"channel-uid","mode":"hls-only"}');
      world.annotate(annotations.budget, 'stop!');
    },
    'decisions come along with a manifest': (world) => {
      const mode = world.channel.metadata.annotations?.[annotations.mode];
      world.annotate(annotations.mode, mode?.replace('channel-uid', 'another-uid'));
    },
  };
}

/** What may happen at any moment. */
const happenings: Happenings = {
  'the operator reconciles': (world) => world.reconcile(),
  'the operator dies after one effect': (world) => {
    world.reconcileUntilDeath(1);
  },
  'the operator dies after two effects': (world) => {
    world.reconcileUntilDeath(2);
  },
  'the operator dies after three effects': (world) => {
    world.reconcileUntilDeath(3);
  },
  'the kubelet works': (world) => {
    world.kubelet();
  },
  'everybody works for a minute': (world) => {
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
  'the Agora credentials go': (world) => (world.credentials = undefined),
  'other Agora credentials come': (world) =>
    (world.credentials = { appId: 'b'.repeat(32), digest: 'others' }),
  'the host goes': (world) => (world.hostIsThere = false),
  'the host comes': (world) => (world.hostIsThere = true),
  ...atPlatforms((name) => ({
    [`the API of ${name} goes out`]: (world) => (world.clouds[name].answering = false),
    [`the API of ${name} comes back`]: (world) => (world.clouds[name].answering = true),
    [`the ingest of ${name} goes out`]: (world) => (world.clouds[name].ingestUp = false),
    [`the ingest of ${name} comes back`]: (world) => (world.clouds[name].ingestUp = true),
    [`${name} is full`]: (world) => (world.clouds[name].full = true),
    [`${name} has room`]: (world) => (world.clouds[name].full = false),
    [`the answer to the next create on ${name} is lost`]: (world) =>
      (world.clouds[name].nextCreate = 'answer-lost'),
    [`the next create on ${name} is lost`]: (world) => (world.clouds[name].nextCreate = 'call-lost'),
    [`the streams on ${name} vanish`]: (world) => {
      world.clouds[name].vanish();
    },
    [`the user asks for ${name}`]: (world) => {
      const fallback = world.channel.spec.fallbackPlatformRef;
      world.change({
        platformRef: { name },
        fallbackPlatformRef: fallback?.name === name ? undefined : fallback,
      });
    },
  })),
  'the user asks for no platform': (world) => {
    world.change({ platformRef: undefined });
  },
  'the user asks for a fallback platform': (world) => {
    if (world.channel.spec.platformRef?.name !== 'away')
      world.change({ fallbackPlatformRef: { name: 'away' } });
  },
  'the user asks for another fallback platform': (world) => {
    if (world.channel.spec.platformRef?.name !== 'other')
      world.change({ fallbackPlatformRef: { name: 'other' } });
  },
  'the user asks for no fallback platform': (world) => {
    world.change({ fallbackPlatformRef: undefined });
  },
  'the user asks for low latency': (world) => {
    world.change({ playback: { latency: 'low', access: 'public', recording: 'off' } });
  },
  'the user asks for standard latency': (world) => {
    world.change({ playback: { latency: 'standard', access: 'public', recording: 'off' } });
  },
  'the user suspends': (world) => {
    world.change({ suspend: true });
  },
  'the user resumes': (world) => {
    world.change({ suspend: false });
  },
  'the user asks for agora-only': (world) => {
    world.change({ streamMode: 'agora-only' });
  },
  'the user asks for hls-only': (world) => {
    world.change({ streamMode: 'hls-only' });
  },
  'the user asks for another keyframe interval': (world) => {
    world.change({ relay: { ...world.channel.spec.relay, keyframeIntervalSeconds: 4 } });
  },
  'the user asks for a hot standby': (world) => {
    world.change({ relay: { ...world.channel.spec.relay, replicas: 2 } });
  },
  'the user asks for no standby': (world) => {
    world.change({ relay: { ...world.channel.spec.relay, replicas: 1 } });
  },
  'the user asks to rest without a host': (world) => {
    const idle = { ...world.channel.spec.relay.idle, noHostSeconds: 60, hostProbeIntervalSeconds: 30 };
    world.change({ relay: { ...world.channel.spec.relay, idle } });
  },
  'the user asks for no rest': (world) => {
    const idle = { ...world.channel.spec.relay.idle, noHostSeconds: 0 };
    world.change({ relay: { ...world.channel.spec.relay, idle } });
  },
  'the user asks for auto': (world) => {
    world.change({ streamMode: 'auto' });
  },
  ...decisions(),
  'the app wakes the channel': (world) => {
    world.annotate(annotations.resume, world.time.toISOString());
  },
  'the first relay hangs': (world) => {
    world.hang(0, true);
  },
  'the second relay hangs': (world) => {
    world.hang(1, true);
  },
  'relays come to themselves': (world) => {
    world.hang(0, false);
    world.hang(1, false);
  },
  'the first container starts again': (world) => {
    world.restartContainer(0);
  },
  'the second container starts again': (world) => {
    world.restartContainer(1);
  },
  'the user asks for another key': (world) => {
    world.annotate(annotations.rotateKey, world.time.toISOString());
  },
};
const endings: Happenings = {
  'the user asks to retain the stream': (world) => {
    world.change({ deletionPolicy: 'Retain' });
  },
  'the user deletes the channel': (world) => {
    if (world.channel.metadata.finalizers?.includes(STREAM_FINALIZER) === true) world.delete();
  },
};
const forgetting: Happenings = {
  'somebody takes the finalizer off': (world) => {
    const metadata = { ...world.channel.metadata, finalizers: [] };
    if (metadata.deletionTimestamp === undefined) world.channel = { ...world.channel, metadata };
  },
  'somebody takes the annotation off': (world) => {
    world.annotate(annotations.streams, undefined);
  },
  'somebody garbles the annotation': (world) => {
    world.annotate(annotations.streams, '{"channel":"channel-uid","streams":[{}]}');
  },
};

/** A world that has seen all of this. */
function after(events: readonly string[]): World {
  const world = new World();
  const all = { ...happenings, ...endings, ...forgetting };
  for (const event of events) if (world.exists) all[event]?.(world);
  return world;
}

/** Whatever was broken is mended; nobody works on it yet. */
function mend(world: World): void {
  for (const cloud of Object.values(world.clouds))
    Object.assign(cloud, { answering: true, ingestUp: true, full: false, nextCreate: undefined });
  world.credentials ??= { appId: 'c'.repeat(32), digest: 'mended' };
  world.hostIsThere = true;
  world.hang(0, false);
  world.hang(1, false);
}

/** Everybody does their work until nothing moves any more: a quarter of an hour, for drains and the way home. */
function calm(world: World, often: () => void = () => undefined): void {
  mend(world);
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

function expectNoDoubles(world: World): void {
  for (const cloud of Object.values(world.clouds)) expect(cloud.doubles).toEqual([]);
}

/** The channel has what its spec asks for, and nothing else is anywhere. */
function expectIdle(world: World): void {
  const want = desiredResources(world.channel);
  const home = budgetPlatform(world.channel) ?? homePlatform(world.channel) ?? 'origin';
  const there = Object.values(world.clouds).flatMap((cloud) =>
    cloud.streams().map(({ id, name }) => ({ id, name, platform: cloud.name })),
  );
  const active = activeRecord(world.channel);
  if (!want.stream) {
    expect({ there, active }).toEqual({ there: [], active: undefined });
    expect([...world.pods, ...world.secrets].filter((each) => each !== undefined)).toEqual([]);
    return;
  }
  expect(there).toEqual([{ id: active?.id, name: world.streamName(home), platform: home }]);
  const relays = want.relay ? world.channel.spec.relay.replicas : 0;
  expect(world.secrets.filter((each) => each !== undefined)).toHaveLength(Math.max(relays, 1));
  expect(world.pods.filter((each) => each !== undefined)).toHaveLength(relays);
  expect(world.pushing()).toEqual(want.relay ? [active?.slot] : []);
  expect(active !== undefined && world.onAir(active)).toBe(want.relay);
  expect(active).not.toHaveProperty('insteadOf');
  expect(active?.idle).toEqual(expectedIdle(world));
  expect(world.channel.status?.effectiveStreamMode).toEqual(expectedMode(world));
}

/** A relay rests while viewers are on Agora for the costs, and for nothing else where there is a host. */
function expectedIdle({ channel }: World): unknown {
  const wish = requiresRelay(channel) ? agoraOnlyDecision(channel) : undefined;
  return wish === undefined ? undefined : { since: expect.any(String) as unknown, why: 'agora' };
}

function expectedMode({ channel }: World): unknown {
  if (agoraOnlyDecision(channel) !== undefined) return 'agora-only';
  // Off air the app is told nothing new: there is nothing to go back to.
  return requiresRelay(channel) ? desiredResources(channel).mode : expect.any(String);
}

/** Without work in between nothing much can go wrong. */
const usual = [
  'the operator reconciles',
  'the kubelet works',
  'ten seconds pass',
  'everybody works for a minute',
];
const onAir = 'everybody works for a minute';
/** Stories begin on different stages. */
const prologue = fc.constantFrom<readonly string[]>(
  [],
  [onAir],
  ['the user asks for a fallback platform', onAir, 'the ingest of origin goes out', onAir],
  ['the user asks for other', 'the user asks for a fallback platform', 'the API of other goes out', onAir],
);
const story = (names: object): fc.Arbitrary<readonly string[]> =>
  fc
    .tuple(
      prologue,
      fc.array(fc.oneof(fc.constantFrom(...Object.keys(names)), fc.constantFrom(...usual)), {
        maxLength: 40,
      }),
    )
    .map(([before, events]) => [...before, ...events]);
/** RUNS=6000 looks longer. */
const runs = { numRuns: Number(process.env['RUNS'] ?? 400) };

test('a stream that was forgotten and found again is not deleted under the relay that it had', () => {
  const world = after([
    onAir,
    'the user suspends',
    'somebody garbles the annotation',
    'the operator reconciles',
    'the user asks for agora-only',
  ]);
  calm(world);
  expectIdle(world);
});

test('a relay that hung when the budget was spent may be on air: viewers have the time to go to Agora', () => {
  const world = after([
    onAir,
    'the first relay hangs',
    'the budget is spent: Agora alone',
    'the operator dies after one effect',
  ]);
  calm(world);
  expectIdle(world);
});

test('a channel on Agora alone for the costs does not begin a stream on the fallback platform', () => {
  const away = ['the user asks for a fallback platform', onAir, 'the ingest of origin goes out', onAir];
  const world = after([...away, 'the Agora credentials go', 'the budget is spent: Agora alone', onAir]);
  calm(world);
  expectIdle(world);
});

describe('whatever happened', () => {
  test('a channel ends up as its spec asks, with exactly one stream and one relay', () => {
    fc.assert(
      fc.property(story(happenings), (events) => {
        const world = after(events);
        calm(world);
        expectNoDoubles(world);
        expectIdle(world);
      }),
      runs,
    );
  });

  test('deletion ends with no pod, no Secret, no finalizer, and no stream unless it is retained', () => {
    fc.assert(
      fc.property(story({ ...happenings, ...endings }), (events) => {
        const world = after(events);
        if (world.exists) world.delete();
        calm(world);
        expectNoDoubles(world);
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

  test('an operator that dies after every single effect gets to the same end', () => {
    fc.assert(
      fc.property(story(happenings), (events) => {
        const world = after(events);
        mend(world);
        for (let lives = 0; lives < 100; lives += 1) {
          world.reconcileUntilDeath(1);
          world.kubelet();
          world.wait(6);
        }
        calm(world);
        expectNoDoubles(world);
        expectIdle(world);
      }),
      { numRuns: Math.ceil(runs.numRuns / 3) },
    );
  });

  test('also what nobody remembers is found, or swept up', () => {
    fc.assert(
      fc.property(story({ ...happenings, ...forgetting }), (events) => {
        const world = after(events);
        calm(world, () => {
          world.sweep();
        });
        expectIdle(world);
      }),
      runs,
    );
  });
});
