import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { STREAM_FINALIZER } from '../../../src/api/names.ts';
import { nextStep } from '../../../src/channel/next-step.ts';
import { wanted } from '../../../src/channel/wanted.ts';
import { World, type PlatformName } from './world.ts';

/** Most steps from anything to rest: the reconciler gives up beyond. */
const mostSteps = 12;

/** One step, looked at anew: an operator that crashed after the last one does the same. */
function takeStep(world: World): 'rest' | 'failed' | 'taken' {
  if (!world.exists) return 'rest';
  const step = nextStep(world.observe(), world.digests(), world.time);
  const done = world.take(step);
  if (step.do === 'rest') return 'rest';
  return done ? 'taken' : 'failed';
}

function reconcile(world: World): number {
  for (let steps = 0; steps <= mostSteps; steps += 1) {
    const outcome = takeStep(world);
    if (outcome === 'taken') continue;
    if (world.exists) world.describe();
    return steps;
  }
  throw new Error(`not at rest after ${String(mostSteps)} steps`);
}

/** What may happen at any moment. */
const happenings: Record<string, (world: World) => unknown> = {
  'the operator reconciles': reconcile,
  'the operator takes one step and dies': takeStep,
  'the kubelet works': (world) => world.kubelet(),
  'the pod is deleted by hand': (world) => world.changePod({ deleting: true }),
  'the pod is evicted': (world) =>
    world.changePod({ phase: 'Failed', running: false, ready: false, reason: 'Evicted' }),
  'the container restarts': (world) => world.changePod({ restartCount: (world.pod?.restartCount ?? 0) + 1 }),
  'the Secret is deleted by hand': (world) => (world.secret = undefined),
  'the stream vanishes': (world) => (world.streams.origin = undefined),
  'the first platform goes out': (world) => (world.answering.origin = false),
  'the first platform comes back': (world) => (world.answering.origin = true),
  'the other platform goes out': (world) => (world.answering.other = false),
  'the other platform comes back': (world) => (world.answering.other = true),
  'the credentials go': (world) => (world.credentials = undefined),
  'other credentials come': (world) => (world.credentials = { appId: 'b'.repeat(32), digest: 'others' }),
  'half an hour passes': (world) => (world.time = new Date(world.time.getTime() + 1_800_000)),
  'the user suspends': (world) => world.change({ suspend: true }),
  'the user resumes': (world) => world.change({ suspend: false }),
  'the user asks for agora-only': (world) => world.change({ streamMode: 'agora-only' }),
  'the user asks for hls-only': (world) => world.change({ streamMode: 'hls-only' }),
  'the user asks for the other platform': (world) => world.change({ platformRef: { name: 'other' } }),
  'the user asks for the first platform': (world) => world.change({ platformRef: { name: 'origin' } }),
  'the user asks for another key frame interval': (world) =>
    world.change({ relay: { ...world.channel.spec.relay, keyFrameIntervalSeconds: 4 } }),
};
const endings: typeof happenings = {
  'the user asks to retain the stream': (world) => world.change({ deletionPolicy: 'Retain' }),
  'the user deletes the channel': (world) => world.delete(),
};

/** A world that has seen all of this. */
function after(events: readonly string[]): World {
  const world = new World();
  for (const event of events) if (world.exists) ({ ...happenings, ...endings })[event]?.(world);
  return world;
}

/** Whatever was broken is mended, and everybody does their work until nothing moves any more. */
function calm(world: World): void {
  world.answering.origin = true;
  world.answering.other = true;
  world.credentials ??= { appId: 'c'.repeat(32), digest: 'mended' };
  for (let rounds = 0; rounds < 6; rounds += 1) {
    reconcile(world);
    world.kubelet();
  }
  expect(reconcile(world)).toBe(0);
}

const story = (names: object): fc.Arbitrary<string[]> =>
  fc.array(fc.constantFrom(...Object.keys(names)), { maxLength: 30 });
const runs = { numRuns: 1_000 };

test('whatever happened, a channel ends up as its spec asks, with exactly one stream and one relay', () => {
  fc.assert(
    fc.property(story(happenings), (events) => {
      const world = after(events);
      calm(world);
      const want = wanted(world.channel);
      const platform: PlatformName = world.channel.spec.platformRef?.name === 'other' ? 'other' : 'origin';
      expect(world.streamCount()).toBe(want.stream ? 1 : 0);
      expect(world.secret?.streamId).toBe(want.stream ? world.streams[platform] : undefined);
      if (!want.relay) {
        expect(world.pod).toBeUndefined();
        return;
      }
      expect(world.pod).toMatchObject({ running: true, specDigest: world.digests().pod });
      expect(world.pod?.secretRevision).toBe(world.secret?.revision);
    }),
    runs,
  );
});

test('whatever happened, deletion ends with no pod, no Secret, no finalizer, and no stream unless it is retained', () => {
  fc.assert(
    fc.property(story({ ...happenings, ...endings }), (events) => {
      const world = after(events);
      world.delete();
      calm(world);
      expect(world).toMatchObject({ exists: false, pod: undefined, secret: undefined });
      if (world.channel.spec.deletionPolicy === 'Delete') expect(world.streamCount()).toBe(0);
    }),
    runs,
  );
});

test('an operator that dies after every single step gets to the same end as one that never does', () => {
  fc.assert(
    fc.property(story(happenings), fc.boolean(), (events, ending) => {
      const [steady, mortal] = [after(events), after(events)];
      for (const world of [steady, mortal]) if (ending) world.delete();
      calm(steady);
      for (let lives = 0; lives < 100; lives += 1) {
        if (takeStep(mortal) === 'rest') mortal.kubelet();
        mortal.answering.origin = true;
        mortal.answering.other = true;
        mortal.credentials ??= { appId: 'c'.repeat(32), digest: 'mended' };
      }
      expect(ends(mortal)).toEqual(ends(steady));
    }),
    { numRuns: 250 },
  );
});

function ends(world: World): unknown {
  return {
    exists: world.exists,
    running: world.pod?.running ?? false,
    secretOn: world.secret?.platform,
    streams: world.streamCount(),
    finalizer: world.exists && world.channel.metadata.finalizers?.includes(STREAM_FINALIZER),
  };
}

test('every restart is counted once, and no stop is one', () => {
  const between = ['the operator reconciles', 'the kubelet works', 'the operator reconciles'];
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom('the pod is deleted by hand', 'the pod is evicted', 'the container restarts', 'stop'),
        { maxLength: 10 },
      ),
      (story) => {
        const restarts = story.filter((event) => event !== 'stop').length;
        const events = story.flatMap((event) =>
          event === 'stop'
            ? ['the user suspends', ...between, 'the user resumes', ...between, ...between]
            : [event, ...between, ...between],
        );
        const world = after([...between, ...between, ...events]);
        calm(world);
        expect(world.channel.status?.relay?.restarts).toBe(restarts);
      },
    ),
    { numRuns: 250 },
  );
});
