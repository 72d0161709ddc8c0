import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../../src/web/player/core/decide.ts';
import type { EngineEvent } from '../../../../src/web/player/core/engine.ts';
import type { StateFacts } from '../../../../src/web/player/core/player-state.ts';
import { initialSupervision, type Supervision } from '../../../../src/web/player/core/supervision.ts';
import { calmFacts, offAir, onAir, over, plainChannel } from '../facts.ts';

const { url } = plainChannel;
const middle = (): number => 0.5;

/** A player that observes one moment after another. */
class Watched {
  facts: StateFacts = calmFacts;
  memory: Supervision = initialSupervision;

  /** What the supervisor does about these facts, as names. */
  at(now: number, changes: Partial<StateFacts> = {}): string[] {
    this.facts = { ...this.facts, events: [], probe: undefined, hurry: false, ...changes, now };
    const done: string[] = [];
    for (let count = 0; count < 4; count++) {
      const { supervision, actions } = decide(this.memory, this.facts, middle);
      const settled = JSON.stringify(supervision) === JSON.stringify(this.memory);
      this.memory = supervision;
      done.push(...actions.map((action) => ('url' in action ? `${action.type} ${action.url}` : action.type)));
      this.facts = { ...this.facts, events: [], probe: undefined, hurry: false };
      if (actions.some(({ type }) => type === 'open-engine'))
        this.facts = { ...this.facts, engine: 'opening' };
      if (actions.some(({ type }) => type === 'prepare')) this.facts = { ...this.facts, incoming: 'loading' };
      if (actions.some(({ type }) => type.endsWith('-prepared')))
        this.facts = { ...this.facts, incoming: 'none' };
      if (settled) break;
    }
    return done;
  }

  /** Plays well from `from` to `to`, with a new segment every two seconds. */
  play(from: number, to: number): this {
    for (let now = from; now <= to; now += 500) {
      const last = 100 + Math.floor(now / 2_000);
      const events = now % 2_000 === 0 ? [playlist(last - 7, last)] : [];
      expect(this.at(now, { movedAt: now, hasPicture: true, events })).toEqual([]);
    }
    return this;
  }
}

function playlist(firstSegment: number, lastSegment: number, ended = false): EngineEvent {
  return { type: 'playlist', level: 0, firstSegment, lastSegment, targetSeconds: 2, ended };
}

const failed = (status: number | undefined, fatal = true): EngineEvent => ({
  type: 'network-error',
  what: 'playlist',
  status,
  fatal,
});

function playing(channel = plainChannel): Watched {
  const watched = new Watched();
  expect(watched.at(0, { channel })).toEqual([`load ${String(url)}`]);
  return watched.play(500, 20_000);
}

test('a stream is loaded once, and left alone while it is played', () => {
  playing();
});

describe('a fatal network error', () => {
  test('leads to a probe after a second, and to a load when there is media', () => {
    const watched = playing();
    expect(watched.at(20_100, { events: [failed(404)] })).toEqual(['refresh-channel']);
    expect(watched.at(21_000)).toEqual([]);
    expect(watched.at(21_100)).toEqual([`probe ${String(url)}`]);
    expect(watched.at(21_200, { probe: 'live' })).toEqual([`load ${String(url)}`]);
  });

  test('is tried again after 1 and 2 s, and then every 3 s, and the service is asked every 10 s, while there is none', () => {
    const watched = playing();
    watched.at(21_000, { events: [failed(503)] });
    const refreshes = [21_000];
    let now = 21_000;
    for (const delay of [1_000, 2_000, ...Array.from({ length: 38 }, () => 3_000), 15_000, 15_000]) {
      expect(watched.at(now + delay - 1)).toEqual([]);
      now += delay;
      expect(watched.at(now)).toEqual([`probe ${String(url)}`]);
      const asked = watched.at(now, { probe: 'missing' });
      if (asked.length > 0) refreshes.push(now);
      expect(asked).toEqual(asked.length > 0 ? ['refresh-channel'] : []);
    }
    const waits = refreshes.slice(1).map((at, index) => at - (refreshes[index] ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThan(25_000);
  });

  test('is forgotten after five seconds of playback', () => {
    const watched = playing();
    watched.at(21_000, { events: [failed(503)] });
    watched.at(22_000);
    watched.at(22_100, { probe: 'live' });
    watched.play(22_500, 30_000);
    expect(watched.memory.attempts).toBe(0);
  });

  test('is tried again at once when the viewer wants that, or the channel comes on air', () => {
    const hurried = playing();
    hurried.at(21_000, { events: [failed(503)] });
    expect(hurried.at(21_100, { hurry: true })).toEqual([`probe ${String(url)}`]);
    const waiting = playing(onAir);
    waiting.at(21_000, { channel: { ...onAir, onAir: false }, events: [failed(404)] });
    expect(waiting.at(21_100, { channel: onAir })).toEqual([`probe ${String(url)}`]);
  });

  test('leads to a load after some probes that the page may not read', () => {
    const watched = playing();
    watched.at(20_500, { events: [failed(undefined)] });
    const done: string[] = [];
    for (let now = 20_500; now < 30_000; now += 500) {
      const actions = watched.at(now);
      done.push(...actions);
      if (actions.some((action) => action.startsWith('probe')))
        done.push(...watched.at(now, { probe: 'unreachable' }));
    }
    expect(done).toContain(`load ${String(url)}`);
  });
});

describe('a restart of the origin', () => {
  test('is loaded again at once, and not more than once in five seconds', () => {
    const watched = playing();
    expect(watched.at(20_500, { events: [playlist(200, 203)] })).toEqual([`load ${String(url)}`]);
    watched.at(21_000, { events: [playlist(200, 203)] });
    expect(watched.at(21_500, { events: [playlist(0, 2)] })).toEqual([]);
    expect(watched.at(25_400)).toEqual([]);
    expect(watched.at(25_500)).toEqual([`load ${String(url)}`]);
  });
});

describe('media that cannot be decoded', () => {
  test('is recovered, and the engine is replaced if that does not help', () => {
    const watched = playing();
    expect(watched.at(20_500, { events: [{ type: 'media-error', fatal: true }] })).toEqual(['recover-media']);
    expect(watched.at(21_000, { events: [{ type: 'media-error', fatal: true }] })).toEqual(['open-engine']);
    expect(watched.at(21_100)).toEqual([]);
    expect(watched.at(21_500, { engine: 'open' })).toEqual([`load ${String(url)}`]);
  });

  test('is left to the engine unless it is fatal', () => {
    expect(playing().at(20_500, { events: [{ type: 'media-error', fatal: false }] })).toEqual([]);
  });
});

test('a broken engine is replaced, the second time after a pause', () => {
  const broken: EngineEvent = { type: 'broken', message: 'internal' };
  const watched = playing();
  expect(watched.at(20_500, { events: [broken] })).toEqual(['open-engine']);
  expect(watched.at(21_000, { engine: 'open' })).toEqual([`load ${String(url)}`]);
  expect(watched.at(21_100, { events: [broken] })).toEqual(['refresh-channel']);
  expect(watched.at(22_100)).toEqual(['open-engine']);
});

test('code of the engine that could not be loaded is requested again', () => {
  const watched = new Watched();
  expect(watched.at(0, { engine: 'failed' })).toEqual(['refresh-channel']);
  expect(watched.at(1_000)).toEqual(['open-engine']);
});

describe('a playhead that does not advance', () => {
  test('is put at the live edge, and the stream is loaded again if that does not help', () => {
    const watched = playing();
    let segment = 110;
    const next = (now: number): string[] => watched.at(now, { events: [playlist(segment - 7, segment++)] });
    expect(next(22_000)).toEqual([]);
    expect(next(24_000)).toEqual([]);
    expect(next(26_000)).toEqual(['seek-live']);
    expect(next(28_000)).toEqual([]);
    expect(next(30_000)).toEqual(['refresh-channel']);
    expect(watched.at(31_000)).toEqual([`probe ${String(url)}`]);
  });

  test('is left alone while the playlist is stale, because its last seconds would be shown again', () => {
    const watched = playing();
    const done: string[] = [];
    for (let now = 22_000; now < 60_000; now += 1_000)
      done.push(...watched.at(now, { events: [playlist(103, 110)] }));
    expect(new Set(done)).toEqual(new Set(['refresh-channel']));
    expect(done.length).toBeLessThan(6);
  });

  test('is helped where the playlist is not even read', () => {
    const watched = playing();
    const done: string[] = [];
    for (let now = 20_500; now < 40_000; now += 500) done.push(...watched.at(now));
    expect(done).toContain(`probe ${String(url)}`);
  });

  test('has time to begin on a slow network', () => {
    const watched = new Watched();
    watched.at(0);
    expect(watched.at(15_000)).toEqual([]);
    expect(watched.at(20_000)).toEqual(['refresh-channel']);
  });
});

describe('a viewer who does not watch', () => {
  test.each([
    ['hidden for 60 s', 'hiddenSince', 60_000],
    ['paused for 30 s', 'pausedSince', 30_000],
  ] as const)('%s: loading stops, and begins again at the live edge', (_what, since, after) => {
    const watched = playing();
    const away = { [since]: 20_000 };
    expect(watched.at(20_000 + after - 1, { ...away, movedAt: 20_000 + after - 1 })).toEqual([]);
    expect(watched.at(20_000 + after, away)).toEqual(['stop-loading']);
    expect(watched.at(200_000)).toEqual([]);
    expect(watched.at(200_100, { [since]: undefined })).toEqual([`load ${String(url)}`]);
  });

  test('who is back within seconds goes on without another load', () => {
    const watched = playing();
    watched.at(50_000, { pausedSince: 20_000 });
    expect(watched.at(55_000, { pausedSince: undefined })).toEqual(['start-loading']);
  });

  test('who has not asked for playback loads nothing', () => {
    expect(new Watched().at(0, { pausedSince: 0 })).toEqual([]);
  });
});

describe('a playlist that has ended', () => {
  const end = (watched: Watched, channel = plainChannel): string[] =>
    watched.at(21_000, { channel, events: [playlist(103, 110, true)], mediaEnded: true });

  test('ends playback for good where the service says that the show is over', () => {
    const watched = playing(onAir);
    expect(end(watched, over)).toEqual(['unload']);
    expect(watched.at(60_000)).toEqual([]);
    // Another show on the same channel.
    expect(watched.at(60_500, { channel: onAir, mediaEnded: false })).toEqual([`load ${String(url)}`]);
  });

  test('is probed where the show may go on, and is never loaded again as it is', () => {
    const watched = playing(onAir);
    end(watched, onAir);
    expect(watched.at(22_000)).toEqual([`probe ${String(url)}`]);
    // The service has been asked a moment ago.
    expect(watched.at(22_100, { probe: 'ended' })).toEqual([]);
    expect(watched.at(24_100)).toEqual([`probe ${String(url)}`]);
    expect(watched.at(24_200, { probe: 'live' })).toEqual([`load ${String(url)}`]);
  });
});

describe('a channel of the service', () => {
  test('is not loaded before it is on air', () => {
    const watched = new Watched();
    expect(watched.at(0, { channel: offAir })).toEqual([]);
    expect(watched.at(9_000, { channel: onAir })).toEqual([`load ${String(url)}`]);
  });

  test('that migrates to another stream is loaded from there', () => {
    const watched = playing(onAir);
    const next = { ...onAir, stream: 'b', url: 'https://other.example/b.m3u8' };
    expect(watched.at(21_000, { channel: next, incoming: 'impossible' })).toEqual([
      'load https://other.example/b.m3u8',
    ]);
    expect(watched.memory.migrating).toBe(true);
  });

  describe('that migrates, where another stream can play beside it', () => {
    const next = { ...onAir, stream: 'b', url: 'https://other.example/b.m3u8' };
    const prepare = 'prepare https://other.example/b.m3u8';
    const reload = 'load https://other.example/b.m3u8';
    const preparing = (): Watched => {
      const watched = playing(onAir);
      const facts = { channel: next, movedAt: 20_200, incoming: 'none' } as const;
      expect(watched.at(20_250, facts)).toEqual([prepare]);
      return watched;
    };

    test('plays on until the other stream plays, and then shows that without loading anything', () => {
      const watched = preparing();
      expect(watched.at(21_000, { movedAt: 21_000, incoming: 'loading' })).toEqual([]);
      expect(watched.at(22_000, { movedAt: 22_000, incoming: 'ready' })).toEqual(['show-prepared']);
      expect(watched.memory).toMatchObject({
        loaded: { stream: 'b' },
        incoming: undefined,
        migrating: false,
      });
      expect(watched.at(22_250, { movedAt: 22_250, incoming: 'none' })).toEqual([]);
    });

    test.each([
      ['fails', 21_000, { incoming: 'failed' }],
      ['does not come in time', 30_500, { incoming: 'loading' }],
      ['is no longer waited for, because the viewer has paused', 21_000, { pausedSince: 20_500 }],
    ] as const)('loads the other stream as any other if it %s', (_, at, facts) => {
      const watched = preparing();
      expect(watched.at(at, { movedAt: at, incoming: 'loading', ...facts })).toEqual([reload]);
      expect(watched.memory).toMatchObject({ migrating: true, incoming: undefined });
    });

    test('waits for the other stream also if the old one has ended meanwhile', () => {
      const watched = preparing();
      expect(watched.at(24_000, { incoming: 'loading', events: [failed(404)] })).toEqual([]);
      expect(watched.at(25_000, { incoming: 'ready' })).toEqual(['show-prepared']);
      expect(watched.memory.trouble).toBeUndefined();
    });

    test('drops what it prepared if the channel stays where it is', () => {
      const watched = preparing();
      expect(watched.at(21_000, { channel: onAir, movedAt: 21_000, incoming: 'loading' })).toEqual([
        'drop-prepared',
      ]);
      expect(watched.at(21_250, { movedAt: 21_250, incoming: 'none' })).toEqual([]);
    });

    test('prepares a third stream instead, if the channel migrates again', () => {
      const watched = preparing();
      const third = { ...onAir, stream: 'c', url: 'https://third.example/c.m3u8' };
      expect(watched.at(21_000, { channel: third, movedAt: 21_000, incoming: 'loading' })).toEqual([
        'prepare https://third.example/c.m3u8',
      ]);
    });

    test.each([
      ['stands still', { movedAt: 20_000 }],
      ['has trouble', { movedAt: 23_000, events: [failed(404)] }],
      ['is paused', { movedAt: 23_000, pausedSince: 22_900 }],
      ['has no place for it', { movedAt: 23_000, incoming: 'impossible' }],
    ] as const)('prepares nothing while playback %s', (_, facts) => {
      const watched = playing(onAir);
      expect(watched.at(23_000, { channel: next, incoming: 'none', ...facts })).toEqual([reload]);
    });
  });

  test('goes on while the service is away', () => {
    const watched = playing(onAir);
    expect(watched.at(21_000, { channel: { ...onAir, service: 'away' }, movedAt: 21_000 })).toEqual([]);
  });

  test('that the viewer may not watch is unloaded', () => {
    const watched = playing(onAir);
    expect(watched.at(21_000, { channel: { ...onAir, refused: 'not-allowed' } })).toEqual(['unload']);
  });
});

describe('a signed address', () => {
  const signed = (token: string): typeof onAir => ({
    ...onAir,
    url: `https://cdn.example/a.m3u8?token=${token}`,
  });

  test('that was renewed is used when the old one expires, and not before', () => {
    const watched = new Watched();
    watched.at(0, { channel: signed('1') });
    watched.play(500, 20_000);
    expect(watched.at(20_500, { channel: signed('2'), movedAt: 20_500 })).toEqual([]);
    expect(watched.at(21_000, { events: [failed(403, false)] })).toEqual([
      'load https://cdn.example/a.m3u8?token=2',
    ]);
  });

  test('that expires is renewed once at once, and then with pauses', () => {
    const watched = new Watched();
    watched.at(0, { channel: signed('1') });
    watched.play(500, 20_000);
    expect(watched.at(20_500, { events: [failed(410)] })).toEqual(['refresh-channel']);
    expect(watched.at(20_600, { channel: signed('2') })).toEqual(['load https://cdn.example/a.m3u8?token=2']);
    expect(watched.at(20_700, { events: [failed(410)] })).toEqual(['refresh-channel']);
    expect(watched.at(20_800, { channel: signed('3') })).toEqual([]);
    expect(watched.at(22_700)).toEqual(['probe https://cdn.example/a.m3u8?token=3']);
  });
});
