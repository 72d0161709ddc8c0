import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineEvent } from '../../../../src/web/player/core/engine.ts';
import { Session, type SessionOptions } from '../../../../src/web/player/core/session.ts';
import type { PlayerSnapshot } from '../../../../src/web/player/core/snapshot.ts';
import type { ProbeResult } from '../../../../src/web/player/core/supervision.ts';
import { FakeClock } from '../fake-clock.ts';
import { FakeEngine } from '../fake-engine.ts';
import { FakeSource } from '../fake-source.ts';
import { fakeVideo, type FakeVideo } from '../fake-video.ts';

const levels = [
  { index: 0, height: 480, bitrate: 900_000 },
  { index: 1, height: 720, bitrate: 2_000_000 },
];
const manifest: EngineEvent = { type: 'manifest', levels, captions: true };

let clock: FakeClock;
let source: FakeSource;
let video: FakeVideo;
let engines: FakeEngine[];
let stored: Map<string, string>;
let found: ProbeResult;
let session: Session | undefined;

beforeEach(() => {
  clock = new FakeClock();
  source = new FakeSource();
  video = fakeVideo();
  engines = [];
  stored = new Map();
  found = 'unreachable';
});
afterEach(() => {
  session?.destroy();
  session = undefined;
});

function open(options: Partial<SessionOptions> = {}): Session {
  session = new Session({
    video: video.element,
    source,
    clock,
    random: () => 0.5,
    probe: async () => found,
    store: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => {
        stored.set(key, value);
      },
    },
    openEngine: async (given) => {
      const engine = new FakeEngine(given);
      engines.push(engine);
      return engine;
    },
    ...options,
  });
  return session;
}

function engine(): FakeEngine {
  const last = engines.at(-1);
  if (last === undefined) throw new Error('no engine was opened');
  return last;
}

/** Lets time pass while media is played. */
async function playFor(seconds: number): Promise<void> {
  for (let count = 0; count < seconds * 4; count++) {
    video.position += 0.25;
    await clock.advance(250);
  }
}

async function openAndPlay(options: Partial<SessionOptions> = {}): Promise<Session> {
  const opened = open(options);
  await clock.advance(0);
  engine().emit(manifest);
  await playFor(6);
  expect(opened.snapshot().state).toBe('playing');
  engine().take();
  return opened;
}

test('it connects, and plays muted as soon as the playlist is there', async () => {
  const opened = open();
  expect(opened.snapshot()).toMatchObject({ state: 'connecting', muted: true, hasPicture: false });
  await clock.advance(0);
  expect(engine().take()).toEqual(['load https://cdn.example/a.m3u8']);
  expect(video.plays).toBe(0);
  engine().emit(manifest);
  await playFor(1);
  expect(video.plays).toBe(1);
  expect(opened.snapshot()).toMatchObject({ state: 'playing', hasPicture: true });
});

test('the snapshot is the same object until something changes, and subscribers hear of each change', async () => {
  const opened = await openAndPlay();
  const seen: PlayerSnapshot[] = [];
  const stop = opened.subscribe(() => seen.push(opened.snapshot()));
  const before = opened.snapshot();
  await playFor(3);
  expect(opened.snapshot()).toBe(before);
  expect(seen).toEqual([]);
  opened.setMuted(false);
  expect(seen.map(({ muted }) => muted)).toEqual([false]);
  expect(opened.snapshot().quality).toBe(before.quality);
  stop();
  opened.setMuted(true);
  expect(seen).toHaveLength(1);
});

describe('a browser that requires a tap', () => {
  test('for sound: playback begins muted', async () => {
    video.refusal = 'sound';
    const opened = await openAndPlay({ muted: false });
    expect(opened.snapshot()).toMatchObject({ state: 'playing', muted: true });
  });

  test('for everything: the viewer reads that, and the tap begins playback', async () => {
    video.refusal = 'NotAllowedError';
    const opened = open();
    await clock.advance(0);
    engine().emit(manifest);
    await clock.advance(500);
    expect(opened.snapshot().state).toBe('tap-to-play');
    video.refusal = undefined;
    opened.play();
    await playFor(1);
    expect(opened.snapshot().state).toBe('playing');
  });

  test('a playback that is interrupted by a load is no refusal', async () => {
    video.refusal = 'AbortError';
    const opened = open();
    await clock.advance(0);
    engine().emit(manifest);
    await clock.advance(500);
    expect(opened.snapshot().state).toBe('connecting');
  });
});

test('without autoplay nothing is loaded before the viewer wants it', async () => {
  const opened = open({ autoplay: false });
  await clock.advance(60_000);
  expect(engine().take()).toEqual([]);
  expect(opened.snapshot().state).toBe('tap-to-play');
  opened.play();
  await clock.advance(250);
  expect(engine().take()).toEqual(['load https://cdn.example/a.m3u8']);
});

test('a pause stops loading after half a minute, and play returns to the live edge', async () => {
  const opened = await openAndPlay();
  opened.pause();
  await clock.advance(29_000);
  expect(engine().take()).toEqual([]);
  expect(opened.snapshot().state).toBe('paused');
  await clock.advance(2_000);
  expect(engine().take()).toEqual(['stopLoading']);
  await clock.advance(3_600_000);
  opened.play();
  expect(engine().take()).toEqual(['load https://cdn.example/a.m3u8']);
});

test('a failed stream is probed, announced with the time of the attempt, and loaded when it is there', async () => {
  const opened = await openAndPlay();
  engine().emit({ type: 'network-error', what: 'playlist', status: 404, fatal: true });
  // What is buffered is shown to its end.
  await playFor(0.5);
  expect(opened.snapshot().state).toBe('playing');
  await clock.advance(1_500);
  const { retryAt = 0, state } = opened.snapshot();
  expect(state).toBe('reconnecting');
  expect(retryAt).toBeGreaterThan(clock.now().getTime());
  // Between the attempts, the last frame stays.
  expect(engine().take()).toEqual([]);
  found = 'live';
  await clock.advance(2_500);
  expect(engine().take()).toEqual(['load https://cdn.example/a.m3u8']);
  engine().emit(manifest);
  await playFor(2);
  expect(opened.snapshot().state).toBe('playing');
});

test('an engine that breaks is replaced', async () => {
  const opened = await openAndPlay();
  const first = engine();
  first.emit({ type: 'broken', message: 'internal' });
  await clock.advance(500);
  expect(first.take()).toEqual(['destroy']);
  expect(engines).toHaveLength(2);
  expect(engine().take()).toEqual(['load https://cdn.example/a.m3u8']);
  // What the replaced engine still reports is of no concern.
  first.emit({ type: 'broken', message: 'late' });
  await clock.advance(500);
  expect(engines).toHaveLength(2);
  engine().emit(manifest);
  await playFor(2);
  expect(opened.snapshot().state).toBe('playing');
});

test('code of the engine that fails to load, or never arrives, is requested again', async () => {
  const answers = [
    async (): Promise<undefined> => Promise.reject(new TypeError('chunk')),
    (): Promise<undefined> => new Promise(() => undefined),
  ];
  const opened = open({
    openEngine: async (given) => {
      const failing = answers.shift();
      if (failing !== undefined) return failing();
      const next = new FakeEngine(given);
      engines.push(next);
      return next;
    },
  });
  await clock.advance(250);
  expect(opened.snapshot()).toMatchObject({ state: 'reconnecting' });
  expect(opened.snapshot().retryAt).toBeDefined();
  await clock.advance(40_000);
  expect(engine().take()).toEqual(['load https://cdn.example/a.m3u8']);
});

test('a browser without HLS is reported as such', async () => {
  const opened = open({ openEngine: async () => undefined });
  await clock.advance(250);
  expect(opened.snapshot().state).toBe('unsupported');
});

test('a channel that migrates is loaded from its other stream', async () => {
  const opened = await openAndPlay();
  source.change({ stream: 'b', url: 'https://other.example/b.m3u8' });
  expect(engine().take()).toEqual(['load https://other.example/b.m3u8']);
  await clock.advance(2_000);
  expect(opened.snapshot().state).toBe('migrating');
  engine().emit(manifest);
  await playFor(1);
  expect(opened.snapshot().state).toBe('playing');
});

test('viewers read when Agora is next, and HLS goes on', async () => {
  const opened = await openAndPlay();
  const at = clock.now().getTime() + 3_000;
  source.change({ mode: 'agora-only', modeAt: at });
  expect(opened.snapshot()).toMatchObject({ state: 'playing', agoraAt: at });
  await playFor(4);
  expect(opened.snapshot()).toMatchObject({ state: 'use-agora', agoraAt: at });
  expect(engine().take()).toEqual([]);
});

describe('what the viewer chooses', () => {
  test('a quality is set in the engine, and remembered by height for the next time', async () => {
    const opened = await openAndPlay();
    engine().emit({ type: 'level', index: 0 });
    await clock.advance(250);
    expect(opened.snapshot().quality).toMatchObject({ choice: 'auto', playing: 480 });
    opened.setQuality(720);
    expect(engine().take()).toEqual(['setLevel 1', 'capLevel undefined']);
    expect(opened.snapshot().quality.choice).toBe(720);
    opened.destroy();
    const next = open();
    await clock.advance(0);
    engine().emit(manifest);
    await clock.advance(250);
    expect(engine().take()).toContain('setLevel 1');
    expect(next.snapshot().quality.choice).toBe(720);
  });

  test('the data saver caps the level', async () => {
    const opened = await openAndPlay();
    opened.setDataSaver(true);
    expect(engine().take()).toEqual(['setLevel undefined', 'capLevel 0']);
  });

  test('a volume is bounded and remembered, and unmuting is heard', async () => {
    const opened = await openAndPlay();
    opened.setVolume(7);
    expect(opened.snapshot().volume).toBe(1);
    opened.setVolume(NaN);
    expect(opened.snapshot().volume).toBe(1);
    opened.setVolume(0);
    opened.setMuted(false);
    expect(opened.snapshot()).toMatchObject({ muted: false, volume: 0.5 });
  });

  test('storage that is forbidden or full stops nothing', async () => {
    const opened = await openAndPlay({
      store: {
        getItem: () => {
          throw new Error('forbidden');
        },
        setItem: () => {
          throw new Error('full');
        },
      },
    });
    opened.setVolume(0.3);
    expect(opened.snapshot().volume).toBeCloseTo(0.3);
  });

  test('captions are switched where there are any', async () => {
    const opened = await openAndPlay();
    expect(opened.snapshot().captions).toEqual({ available: true, on: false });
    opened.setCaptions(true);
    expect(engine().take()).toEqual(['setCaptions true']);
    expect(opened.snapshot().captions.on).toBe(true);
  });

  test('live seeks forward to the live edge, and never backward', async () => {
    const opened = await openAndPlay();
    engine().values = { ...engine().values, liveSyncPosition: 60 };
    opened.goLive();
    expect(video.position).toBe(60);
    video.position = 62;
    opened.goLive();
    expect(video.position).toBe(62);
  });

  test('a problem can be reported once a minute', async () => {
    const reports: string[] = [];
    const opened = await openAndPlay({ report: (kind) => reports.push(kind) });
    expect(opened.snapshot().canReport).toBe(true);
    opened.report('lag');
    opened.report('sound');
    expect(reports).toEqual(['lag']);
    expect(opened.snapshot().canReport).toBe(false);
    await playFor(61);
    expect(opened.snapshot().canReport).toBe(true);
  });
});

test('a player that is destroyed leaves nothing behind', async () => {
  const opened = await openAndPlay();
  opened.destroy();
  expect(engine().take()).toEqual(['destroy']);
  expect(clock.pending).toBe(0);
  expect(source.subscribers).toBe(0);
  video.element.dispatchEvent(new Event('waiting'));
  window.dispatchEvent(new Event('online'));
  expect(engines).toHaveLength(1);
});

test('a player that is destroyed while its engine is loading destroys that as well', async () => {
  const opened = open();
  opened.destroy();
  await clock.advance(1_000);
  expect(engine().take()).toEqual(['destroy']);
  expect(clock.pending).toBe(0);
});

test('after six hours of faults, the number of timers and listeners is that of the beginning', async () => {
  await openAndPlay();
  const timers = clock.pending;
  for (let count = 0; count < 40; count++) {
    engine().emit({ type: 'media-error', fatal: false }, { type: 'level', index: count % 2 });
    video.element.dispatchEvent(new Event('waiting'));
    await playFor(1);
    await clock.advance(540_000);
  }
  await playFor(10);
  expect(clock.pending).toBe(timers);
});
