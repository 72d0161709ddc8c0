import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { EngineEvent } from '../../../../src/web/player/core/engine.ts';
import { IncomingStream } from '../../../../src/web/player/core/incoming-stream.ts';
import { Session } from '../../../../src/web/player/core/session.ts';
import { reportQuality } from '../../../../src/web/player/qoe/report-quality.ts';
import { FakeClock } from '../fake-clock.ts';
import { FakeEngine } from '../fake-engine.ts';
import { FakeSource } from '../fake-source.ts';
import { fakeVideo, type FakeVideo } from '../fake-video.ts';

let added: jest.SpiedFunction<EventTarget['addEventListener']>;
beforeEach(() => {
  added = jest.spyOn(EventTarget.prototype, 'addEventListener');
});
afterEach(() => {
  added.mockRestore();
});

/** The player's listeners, which all end with a signal. */
function listening(): number {
  const signals = added.mock.calls.map(([, , options]) =>
    typeof options === 'object' ? options.signal : undefined,
  );
  return signals.filter((signal) => signal?.aborted === false).length;
}

/** A show, turned by a clock: a playlist every two seconds, and twice a minute another fault. */
class Show {
  readonly clock = new FakeClock();
  readonly source = new FakeSource();
  readonly screens: { readonly video: FakeVideo; readonly engine: FakeEngine }[] = [];
  readonly stage = document.createElement('section');
  readonly session: Session;
  readonly quality: ReturnType<typeof reportQuality>;
  #segment = 0;

  constructor() {
    const { clock, source, stage, screens } = this;
    const page = fakeVideo();
    stage.append(page.element);
    this.session = new Session({
      ...{ video: page.element, container: stage, source, clock, random: () => 0.5 },
      store: { getItem: () => null, setItem: () => undefined },
      probe: async () => 'live',
      openEngine: async (options) => {
        const known = screens.find(({ video }) => video.element === options.video)?.video;
        const video = options.video === page.element ? page : (known ?? fakeVideo(options.video));
        const engine = new FakeEngine(options);
        screens.push({ video, engine });
        return engine;
      },
      openIncoming: async (options) => new IncomingStream(options),
    });
    this.quality = reportQuality({
      ...{ video: () => this.session.video, sid: '0'.repeat(16), clock, openedAt: 0, player: this.session },
      send: async () => 1,
    });
  }

  /** Of those that were opened and not destroyed. */
  alive(): FakeEngine[] {
    return this.screens.map(({ engine }) => engine).filter(({ calls }) => !calls.includes('destroy'));
  }

  emit(event: EngineEvent): void {
    this.quality.note(event);
    this.alive()[0]?.emit(event);
  }

  async play(seconds: number): Promise<void> {
    for (let count = 0; count < seconds * 2; count++) {
      for (const video of new Set(this.screens.map((screen) => screen.video)))
        if (!video.paused) video.position += 0.5;
      if (count % 4 === 0) {
        const lastSegment = ++this.#segment;
        const firstSegment = lastSegment - 7;
        this.emit({ type: 'playlist', level: 0, firstSegment, lastSegment, targetSeconds: 2, ended: false });
      }
      await this.clock.advance(500);
    }
  }

  /** What must not grow. */
  held(): object {
    return {
      timers: this.clock.pending,
      listeners: listening(),
      engines: this.alive().length,
      elements: this.stage.querySelectorAll('video').length,
      subscribers: this.source.subscribers,
    };
  }
}

const faults: readonly ((show: Show, at: number) => void)[] = [
  (show, at) => show.source.change({ stream: `s${at}`, url: `https://other.example/${at}.m3u8` }),
  (show) => show.emit({ type: 'media-error', fatal: true }),
  (show) => show.emit({ type: 'network-error', what: 'playlist', status: 503, fatal: true }),
  (show) => show.emit({ type: 'broken', message: 'internal' }),
  (show) => show.session.video.dispatchEvent(new Event('waiting')),
  (show, at) => show.emit({ type: 'level', index: at % 2 }),
];

test('after half an hour with 48 faults and migrations, as much is held as after the first dozen', async () => {
  const show = new Show();
  await show.clock.advance(0);
  const begin = (): void =>
    show.emit({ type: 'manifest', levels: [{ index: 0, height: 720, bitrate: 2_000_000 }], captions: false });
  begin();
  await show.play(20);
  const hold: object[] = [];
  for (let round = 0; round < 8; round++) {
    for (const [at, fault] of faults.entries()) {
      fault(show, round * faults.length + at);
      await show.play(8);
      begin();
      await show.play(22);
    }
    hold.push(show.held());
  }
  expect(show.session.snapshot().state).toBe('playing');
  expect(hold[1]).toMatchObject({ engines: 1, elements: 2, subscribers: 1 });
  expect(hold.at(-1)).toEqual(hold[1]);
  show.quality.destroy();
  show.session.destroy();
  expect(show.held()).toEqual({ timers: 0, listeners: 0, engines: 0, elements: 1, subscribers: 0 });
}, 120_000);
