import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Engine, EngineOptions } from '../../../../src/web/player/core/engine.ts';
import { IncomingStream } from '../../../../src/web/player/core/incoming-stream.ts';
import { Session } from '../../../../src/web/player/core/session.ts';
import { FakeClock } from '../fake-clock.ts';
import { FakeEngine } from '../fake-engine.ts';
import { FakeSource } from '../fake-source.ts';
import { fakeVideo, type FakeVideo } from '../fake-video.ts';

const OTHER = 'https://other.example/b.m3u8';
const levels = [
  { index: 0, height: 480, bitrate: 900_000 },
  { index: 1, height: 720, bitrate: 2_000_000 },
];

/** An element that was opened with an engine. */
interface Screen {
  readonly video: FakeVideo;
  readonly engine: FakeEngine;
}

let clock: FakeClock;
let source: FakeSource;
let stage: HTMLElement;
let page: FakeVideo;
let screens: Screen[];
let session: Session;
/** Whether the code for it can be fetched. */
let hasCode: boolean;

beforeEach(async () => {
  clock = new FakeClock();
  source = new FakeSource();
  page = fakeVideo();
  stage = document.createElement('section');
  stage.append(page.element);
  document.body.append(stage);
  screens = [];
  hasCode = true;
  session = new Session({
    ...{ video: page.element, container: stage, source, clock, random: () => 0.5 },
    store: { getItem: () => null, setItem: () => undefined },
    openEngine: open,
    openIncoming: async (options) => {
      if (!hasCode) throw new TypeError('Failed to fetch dynamically imported module');
      return new IncomingStream(options);
    },
  });
  await clock.advance(0);
  screenAt(0).engine.emit({ type: 'manifest', levels, captions: true });
  await playFor(6);
  expect(session.snapshot().state).toBe('playing');
  for (const { engine } of screens) engine.take();
});
afterEach(() => {
  session.destroy();
  stage.remove();
});

async function open(options: EngineOptions): Promise<Engine> {
  const engine = new FakeEngine(options);
  engine.values = { ...engine.values, bufferedSeconds: 0 };
  const video = options.video === page.element ? page : fakeVideo(options.video);
  screens.push({ video, engine });
  return engine;
}

/** Media of the newest stream arrives. */
function arrive(seconds = 3): void {
  const { engine } = screenAt(screens.length - 1);
  engine.values = { ...engine.values, bufferedSeconds: seconds };
}

function screenAt(index: number): Screen {
  const screen = screens[index];
  if (screen === undefined) throw new Error(`there are ${screens.length} screens`);
  return screen;
}

/** Lets time pass while media is played wherever it is not paused. */
async function playFor(seconds: number): Promise<void> {
  for (let count = 0; count < seconds * 8; count++) {
    for (const { video } of screens) if (!video.paused) video.position += 0.125;
    await clock.advance(125);
  }
}

const migrate = async (): Promise<void> => {
  source.change({ stream: 'b', url: OTHER });
  await clock.advance(0);
};
const elements = (): HTMLVideoElement[] => [...stage.querySelectorAll('video')];
const onScreen = (): HTMLVideoElement[] =>
  elements().filter((video) => !video.hidden && video.style.opacity !== '0');

test('the other stream comes up unseen and unheard, and replaces the old one as soon as its video advances', async () => {
  await migrate();
  const { video, engine } = screenAt(1);
  expect(engine.take()).toEqual(['setCaptions false', `load ${OTHER}`]);
  arrive(1);
  await playFor(2);
  expect([video.plays, onScreen(), video.element.muted]).toEqual([0, [page.element], true]);
  engine.emit({ type: 'manifest', levels, captions: true });
  arrive();
  await playFor(1);
  expect(onScreen()).toEqual([video.element]);
  expect(session.video).toBe(video.element);
  expect(screenAt(0).engine.take()).toEqual(['destroy']);
  expect(session.snapshot()).toMatchObject({ state: 'playing', quality: { options: [{}, {}] } });
});

test('nothing of it is to be seen in the state: the show plays all the time', async () => {
  const states: string[] = [];
  session.subscribe(() => states.push(session.snapshot().state));
  await migrate();
  await playFor(1);
  arrive();
  await playFor(2);
  expect(session.video).not.toBe(page.element);
  expect(states.filter((state) => state !== 'playing')).toEqual([]);
});

test('it begins at the moment that the old stream shows, where that is buffered', async () => {
  await migrate();
  const { video, engine } = screenAt(1);
  video.position = 40;
  video.buffered = [36, 44];
  screenAt(0).engine.values = { ...engine.values, playingDate: new Date(1_000_000) };
  engine.values = { ...engine.values, playingDate: new Date(1_002_500) };
  arrive();
  await clock.advance(100);
  expect(video.position).toBe(37.5);
});

test('volume, sound, captions and the chosen level are those of before', async () => {
  session.setVolume(0.4);
  session.setCaptions(true);
  session.setQuality(480);
  await migrate();
  const { video, engine } = screenAt(1);
  engine.emit({ type: 'manifest', levels, captions: true });
  arrive();
  await playFor(1);
  expect(session.video).toBe(video.element);
  expect(session.snapshot()).toMatchObject({ volume: 0.4, captions: { on: true }, quality: { choice: 480 } });
  expect(engine.take()).toEqual(expect.arrayContaining(['setCaptions true', 'setLevel 0']));
  session.setMuted(false);
  expect([video.element.muted, page.element.muted]).toEqual([false, true]);
});

test('one that does not come is given up, and is loaded as any other stream', async () => {
  await migrate();
  await playFor(9);
  expect(session.snapshot().state).toBe('playing');
  await playFor(2);
  expect(screenAt(0).engine.take()).toEqual([`load ${OTHER}`]);
  expect(screenAt(1).engine.take()).toContain('destroy');
  expect(elements()).toEqual([page.element]);
});

test('one that has no playlist yet is requested again, while the old one plays', async () => {
  await migrate();
  const { engine } = screenAt(1);
  engine.take();
  engine.emit({ type: 'network-error', what: 'manifest', status: 404, fatal: true });
  await playFor(2);
  expect(engine.take()).toEqual([`load ${OTHER}`]);
  arrive();
  await playFor(1);
  expect(session.video).toBe(screenAt(1).video.element);
});

test('without its code, the other stream is loaded as any other', async () => {
  hasCode = false;
  await migrate();
  await playFor(1);
  expect(screenAt(0).engine.take()).toEqual([`load ${OTHER}`]);
});

test('what the engine of the new stream reports is heeded, and what the old one still reports is not', async () => {
  await migrate();
  arrive();
  await playFor(2);
  screenAt(0).engine.emit({ type: 'broken', message: 'late' });
  await playFor(1);
  expect(screens).toHaveLength(2);
  screenAt(1).engine.emit({ type: 'broken', message: 'now' });
  await clock.advance(500);
  expect(screenAt(2).video.element).toBe(screenAt(1).video.element);
});

test('after many migrations there are two elements, one engine, and as many timers as after one', async () => {
  const counts: number[] = [];
  for (let count = 0; count < 12; count++) {
    source.change({ stream: `s${count}`, url: `https://other.example/${count}.m3u8` });
    await playFor(1);
    arrive();
    await playFor(2);
    counts.push(clock.pending);
    expect(elements()).toHaveLength(2);
    const alive = screens.filter(({ engine }) => !engine.calls.includes('destroy'));
    expect(alive).toHaveLength(1);
  }
  expect(new Set(counts).size).toBe(1);
});

test('a player that is removed leaves the page its own element, whatever it shows', async () => {
  await migrate();
  arrive();
  await playFor(2);
  session.destroy();
  expect(elements()).toEqual([page.element]);
  expect(page.element.hidden).toBe(false);
  expect(clock.pending).toBe(0);
  expect(screens.every(({ engine }) => engine.calls.includes('destroy'))).toBe(true);
});

test('a player that is removed while a stream is prepared leaves nothing of that', async () => {
  await migrate();
  session.destroy();
  await clock.advance(60_000);
  expect(elements()).toEqual([page.element]);
  expect([clock.pending, screenAt(1).engine.calls.includes('destroy')]).toEqual([0, true]);
});
