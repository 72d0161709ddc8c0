import type { Player, PlayerSnapshot } from './snapshot.ts';

/** What is known before anything is: also what a server renders. */
export const connectingSnapshot: PlayerSnapshot = {
  state: 'connecting',
  since: Number.POSITIVE_INFINITY,
  retryAt: undefined,
  agoraAt: undefined,
  hasPicture: false,
  muted: false,
  volume: 1,
  volumeSettable: false,
  latency: { behindSeconds: undefined, atEdge: false },
  quality: { options: [], choice: 'auto', playing: undefined, dataSaver: false },
  connection: { quality: 'unknown', cause: undefined },
  captions: { available: false, on: false },
  pictureInPicture: { available: false, on: false },
  fullScreen: { available: false, on: false },
  airPlay: { available: false, on: false },
  canReport: false,
};

const nothing = (): void => undefined;

/** Stands where a player will be. */
export const connectingPlayer: Player = {
  subscribe: () => nothing,
  snapshot: () => connectingSnapshot,
  play: nothing,
  pause: nothing,
  setMuted: nothing,
  setVolume: nothing,
  goLive: nothing,
  setQuality: nothing,
  setDataSaver: nothing,
  setCaptions: nothing,
  setPictureInPicture: nothing,
  setFullScreen: nothing,
  showAirPlayMenu: nothing,
  retry: nothing,
  report: nothing,
};
