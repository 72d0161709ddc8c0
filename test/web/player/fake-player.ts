import type {
  Player,
  PlayerCommands,
  PlayerSnapshot,
  PlayerState,
} from '../../../src/web/player/core/snapshot.ts';

/** An ordinary viewer in the middle of a show, in a browser that has everything. */
export const playing: PlayerSnapshot = {
  state: 'playing',
  since: 0,
  retryAt: undefined,
  agoraAt: undefined,
  hasPicture: true,
  muted: false,
  volume: 0.8,
  volumeSettable: true,
  latency: { behindSeconds: 6, atEdge: true },
  quality: {
    options: [
      { height: 1080, kbps: 4_500 },
      { height: 720, kbps: 2_500 },
      { height: 480, kbps: 1_200 },
    ],
    choice: 'auto',
    playing: 720,
    dataSaver: false,
  },
  connection: { quality: 'good', cause: undefined },
  captions: { available: true, on: false },
  pictureInPicture: { available: true, on: false },
  fullScreen: { available: true, on: false },
  airPlay: { available: true, on: false },
  canReport: true,
};

/** The state as a viewer meets it first: without a frame where there cannot be one. */
export function inState(state: PlayerState, change: Partial<PlayerSnapshot> = {}): PlayerSnapshot {
  const early = ['connecting', 'waiting-for-host', 'tap-to-play', 'not-allowed', 'unsupported'];
  return { ...playing, state, hasPicture: !early.includes(state), ...change };
}

/** A command and its argument. */
export type Call = readonly [command: keyof PlayerCommands, argument?: unknown];

/** A player of plain values: shows what it is given, and records what it is asked to do. */
export class FakePlayer implements Player {
  readonly calls: Call[] = [];
  readonly #listeners = new Set<() => void>();
  #snapshot: PlayerSnapshot;

  constructor(snapshot: PlayerSnapshot = playing) {
    this.#snapshot = snapshot;
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  snapshot(): PlayerSnapshot {
    return this.#snapshot;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Must be called within act(). */
  change(change: Partial<PlayerSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }

  #called(...call: Call): void {
    this.calls.push(call);
  }

  play(): void {
    this.#called('play');
  }
  pause(): void {
    this.#called('pause');
  }
  setMuted(muted: boolean): void {
    this.#called('setMuted', muted);
  }
  setVolume(volume: number): void {
    this.#called('setVolume', volume);
  }
  goLive(): void {
    this.#called('goLive');
  }
  setQuality(choice: unknown): void {
    this.#called('setQuality', choice);
  }
  setDataSaver(on: boolean): void {
    this.#called('setDataSaver', on);
  }
  setCaptions(on: boolean): void {
    this.#called('setCaptions', on);
  }
  setPictureInPicture(on: boolean): void {
    this.#called('setPictureInPicture', on);
  }
  setFullScreen(on: boolean): void {
    this.#called('setFullScreen', on);
  }
  showAirPlayMenu(): void {
    this.#called('showAirPlayMenu');
  }
  retry(): void {
    this.#called('retry');
  }
  report(kind: unknown): void {
    this.#called('report', kind);
  }
}
