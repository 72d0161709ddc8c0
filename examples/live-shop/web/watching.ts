/**
 * Where a buyer watches. On the way from one to the other both are there, and the first plays on until the second plays:
 * to-agora shows HLS, and to-hls shows Agora.
 */
export type Watching = 'hls' | 'to-agora' | 'agora' | 'to-hls';

export type WatchingEvent =
  /** The player says that viewers are to watch on Agora. */
  | 'use-agora'
  /** The first frame from Agora is on the screen. */
  | 'agora-plays'
  /** The channel is no longer on Agora alone. */
  | 'use-hls'
  /** The player plays. */
  | 'hls-plays';

const next: Readonly<Record<Watching, Readonly<Partial<Record<WatchingEvent, Watching>>>>> = {
  hls: { 'use-agora': 'to-agora' },
  'to-agora': { 'agora-plays': 'agora' },
  agora: { 'use-hls': 'to-hls' },
  'to-hls': { 'hls-plays': 'hls', 'use-agora': 'agora' },
};

/** For useReducer. */
export const watchingAfter = (watching: Watching, event: WatchingEvent): Watching =>
  next[watching][event] ?? watching;

export const hasPlayer = (watching: Watching): boolean => watching !== 'agora';
export const hasAgora = (watching: Watching): boolean => watching !== 'hls';
/** Whether Agora is what the buyer sees. */
export const showsAgora = (watching: Watching): boolean => watching === 'agora' || watching === 'to-hls';
