import { playerStates, type PlayerSnapshot } from '../../../src/web/player/core/snapshot.ts';
import { de } from '../../../src/web/player/text/de.ts';
import { en } from '../../../src/web/player/text/en.ts';
import type { Texts } from '../../../src/web/player/text/texts.ts';
import { inState, playing } from '../player/fake-player.ts';

/** The time in the gallery. It stands still, so that pictures of it can be compared. */
export const NOW = Date.UTC(2026, 10, 30, 12);
const inSeconds = (seconds: number): number => NOW + seconds * 1_000;

export interface GalleryItem {
  readonly name: string;
  readonly snapshot: PlayerSnapshot;
  readonly texts?: Texts;
  /** Labels of the buttons that open what is to be seen. Such an item is shown alone. */
  readonly press?: readonly string[];
}

const states: readonly GalleryItem[] = playerStates.map((state) => ({
  name: state,
  snapshot: inState(state, {
    since: NOW,
    retryAt: state === 'reconnecting' || state === 'platform-out' ? inSeconds(8) : undefined,
    agoraAt: state === 'use-agora' ? NOW : undefined,
    muted: state === 'tap-to-play',
    latency: { behindSeconds: state === 'paused' ? 21 : 6, atEdge: state !== 'paused' },
  }),
}));

/** Hebrew for what this item shows. */
const rightToLeft: Texts = {
  ...en,
  locale: 'he',
  direction: 'rtl',
  live: { ...en.live, live: 'חי', seconds: { other: 'באיחור של {n} שניות' } },
  actions: { ...en.actions, sound: 'הקישו לצליל' },
  quality: { ...en.quality, auto: 'אוטומטי' },
  connection: { ...en.connection, good: 'חיבור טוב' },
};

const single = { ...playing.quality, options: [{ height: 720, kbps: 2_500 }] };
const slow = { quality: 'poor', cause: 'slow-network' } as const;

const variants: readonly GalleryItem[] = [
  { name: 'muted', snapshot: { ...playing, muted: true } },
  { name: 'behind', snapshot: { ...playing, latency: { behindSeconds: 34, atEdge: false } } },
  { name: 'latency-unknown', snapshot: { ...playing, latency: { behindSeconds: undefined, atEdge: true } } },
  { name: 'phone', snapshot: { ...playing, volumeSettable: false, quality: single, muted: true } },
  { name: 'connecting-slowly', snapshot: inState('connecting', { since: inSeconds(-20) }) },
  { name: 'host-away', snapshot: inState('waiting-for-host', { hasPicture: true }) },
  { name: 'slow-network', snapshot: inState('buffering', { since: NOW, connection: slow }) },
  { name: 'muted-buffering', snapshot: inState('buffering', { since: NOW, muted: true }) },
  {
    name: 'offline',
    snapshot: inState('reconnecting', { connection: { quality: 'poor', cause: 'offline' } }),
  },
  { name: 'agora-soon', snapshot: inState('use-agora', { agoraAt: inSeconds(25) }) },
  { name: 'german', texts: de, snapshot: inState('reconnecting', { retryAt: inSeconds(8) }) },
  { name: 'german-not-allowed', texts: de, snapshot: inState('not-allowed') },
  { name: 'right-to-left', texts: rightToLeft, snapshot: { ...playing, muted: true } },
];

const opened: readonly GalleryItem[] = [
  { name: 'quality-menu', snapshot: playing, press: ['Quality: Auto 720p'] },
  {
    name: 'one-quality',
    snapshot: { ...playing, quality: single, connection: slow },
    press: ['Quality: 720p'],
  },
  { name: 'more-menu', snapshot: playing, press: ['More'] },
  { name: 'report', snapshot: playing, press: ['More', 'Report a problem'] },
  { name: 'report-sent', snapshot: playing, press: ['More', 'Report a problem', 'Something else'] },
  { name: 'shortcuts', snapshot: playing, press: ['More', 'Keyboard shortcuts'] },
];

export const galleryItems: readonly GalleryItem[] = [...states, ...variants, ...opened];
