import type { LiveChannelSpec } from '../../src/api/live-channel.ts';
import type { PlaybackOptions } from '../../src/platforms/platform.ts';
import type { SeededRandom } from '../support/numbers/seeded-random.ts';

/** The platforms of a round: `twin` is a second StreamingPlatform on the account of `home`. */
export const places = ['home', 'away', 'twin'] as const;
export type Place = (typeof places)[number];

/** The desired state of a channel; it is always applied as a whole. */
export interface Wish {
  readonly mode: LiveChannelSpec['streamMode'];
  readonly suspend: boolean;
  readonly platform: Place;
  readonly fallbackPlatform: Place | undefined;
  readonly fallbackToAgora: boolean;
  readonly playback: PlaybackOptions;
  readonly maxResolution: LiveChannelSpec['relay']['maxResolution'];
  readonly priority: number;
  readonly deletionPolicy: LiveChannelSpec['deletionPolicy'];
}

export type Action =
  /** Creates the channel when it does not exist. */
  | { readonly do: 'apply'; readonly wish: Wish }
  /** `force`: also removes the finalizer by hand. */
  | { readonly do: 'delete'; readonly force: boolean }
  | { readonly do: 'rotate-key'; readonly value: string }
  | { readonly do: 'drop-finalizer' }
  /** Removes the annotation in which the operator records the streams. */
  | { readonly do: 'drop-records' }
  | { readonly do: 'drop-status' }
  | { readonly do: 'delete-secret'; readonly slot: number }
  | { readonly do: 'delete-pod'; readonly slot: number }
  | { readonly do: 'evict-pod'; readonly slot: number };

/** In milliseconds of the scaled clock; `settled`: at most until the status reports the desired state. */
export interface Wait {
  readonly ms: number;
  readonly settled: boolean;
}

export interface Step {
  readonly wait: Wait;
  readonly action: Action;
}

/** The life of one channel. */
export interface Plan {
  readonly number: number;
  readonly steps: readonly Step[];
}

/** What all platforms of the round support. */
export interface Offers {
  readonly latencies: readonly PlaybackOptions['latency'][];
  readonly recordings: readonly PlaybackOptions['recording'][];
}

/** A plan with 3 to `mostSteps` actions. */
export function planOf(number: number, random: SeededRandom, offers: Offers, mostSteps = 9): Plan {
  const steps: Step[] = [];
  let present: Wish | undefined;
  let latest = firstWish(random, offers);
  const count = random.whole(3, mostSteps);
  for (let index = 0; index < count; index += 1) {
    const wait = index === 0 ? { ms: random.between(0, 60_000), settled: false } : waitOf(random);
    const last = index === count - 1;
    const action = present === undefined ? apply(latest) : nextAction(present, index, last, random, offers);
    if (action.do === 'apply') present = latest = action.wish;
    if (action.do === 'delete') present = undefined;
    steps.push({ wait, action });
  }
  return { number, steps };
}

const apply = (wish: Wish): Action => ({ do: 'apply', wish });

function waitOf(random: SeededRandom): Wait {
  const [least, most, settled] = random.weighted([
    [25, [0, 400, false]],
    [50, [100_000, 300_000, true]],
    [15, [500, 15_000, false]],
    [10, [15_000, 60_000, false]],
  ] as const);
  return { ms: random.between(least, most), settled };
}

function nextAction(wish: Wish, index: number, last: boolean, random: SeededRandom, offers: Offers): Action {
  const slot = random.chance(0.7) ? 0 : 1;
  const remove = { do: 'delete', force: random.chance(0.15) } as const;
  if (last && random.chance(0.35)) return remove;
  return random.weighted<Action>([
    [100, apply(changed(wish, random, offers))],
    [15, remove],
    [15, { do: 'rotate-key', value: `wish-${String(index)}` }],
    [4, { do: 'drop-records' }],
    [2, { do: 'drop-status' }],
    [4, { do: 'drop-finalizer' }],
    [8, { do: 'delete-secret', slot }],
    [10, { do: 'delete-pod', slot }],
    [6, { do: 'evict-pod', slot }],
  ]);
}

function firstWish(random: SeededRandom, offers: Offers): Wish {
  const platform = placeOf(random);
  return {
    mode: random.weighted([
      [6, 'hybrid'],
      [3, 'hls-only'],
      [1, 'agora-only'],
    ]),
    suspend: random.chance(0.1),
    platform,
    fallbackPlatform: random.chance(0.3) ? otherThan(platform, random) : undefined,
    fallbackToAgora: random.chance(0.2),
    playback: playbackOf(random, offers),
    maxResolution: '1080p',
    priority: random.whole(-2, 2),
    deletionPolicy: random.chance(0.15) ? 'Retain' : 'Delete',
  };
}

function changed(wish: Wish, random: SeededRandom, offers: Offers): Wish {
  const change = random.weighted<(old: Wish) => Partial<Wish>>([
    [20, ({ suspend }) => ({ suspend: !suspend })],
    [
      15,
      ({ mode }) => ({
        mode: random.pick((['hybrid', 'hls-only', 'agora-only'] as const).filter((each) => each !== mode)),
      }),
    ],
    [30, ({ platform }) => ({ platform: otherThan(platform, random) })],
    [10, (old) => ({ fallbackPlatform: old.fallbackPlatform ? undefined : otherThan(old.platform, random) })],
    [15, () => ({ playback: playbackOf(random, offers) })],
    [5, () => ({ maxResolution: random.pick(['480p', '720p', '1080p']) })],
    [5, () => ({ priority: random.whole(-2, 2) })],
    [5, ({ deletionPolicy }) => ({ deletionPolicy: deletionPolicy === 'Retain' ? 'Delete' : 'Retain' })],
  ]);
  const next = { ...wish, ...change(wish) };
  // A platform cannot be its own fallback.
  return next.fallbackPlatform === next.platform ? { ...next, fallbackPlatform: undefined } : next;
}

function placeOf(random: SeededRandom): Place {
  return random.weighted([
    [6, 'home'],
    [2, 'away'],
    [2, 'twin'],
  ]);
}

function otherThan(place: Place, random: SeededRandom): Place {
  return random.pick(places.filter((each) => each !== place));
}

function playbackOf(random: SeededRandom, { latencies, recordings }: Offers): PlaybackOptions {
  return {
    latency: random.pick(latencies),
    access: random.pick(['public', 'signed']),
    recording: random.pick(recordings),
  };
}
