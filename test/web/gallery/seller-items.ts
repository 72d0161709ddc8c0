import type { PlayerState } from '../../../src/web/player/core/snapshot.ts';
import type { Cause, HealthView } from '../../../src/web/seller/core/health.ts';
import { causeKeys, type Fault } from '../../../src/web/seller/core/signals.ts';
import { connectingSeller, type SellerSnapshot } from '../../../src/web/seller/core/snapshot.ts';
import { de } from '../../../src/web/seller/text/de.ts';
import { en } from '../../../src/web/seller/text/en.ts';
import type { SellerTexts } from '../../../src/web/seller/text/texts.ts';
import type { PreviewState } from '../../../src/web/seller/ui/preview-view.tsx';
import { onAir } from '../seller/facts.ts';
import { showing } from '../seller/fake-seller.ts';
import { NOW } from './gallery-items.ts';

export interface SellerItem {
  readonly name: string;
  readonly snapshot: SellerSnapshot;
  readonly texts?: SellerTexts;
  /** Labels of the buttons that open what is to be seen. Such an item is shown alone. */
  readonly press?: readonly string[];
}

export interface PreviewItem {
  readonly name: string;
  readonly state: PreviewState;
  readonly price: number | undefined;
}

const nothingMeasured = {
  viewers: { hls: undefined, agora: undefined },
  numbersAge: undefined,
  media: undefined,
  buyers: undefined,
  buyersAge: undefined,
  delay: { seconds: 6, measured: false },
} as const;
const noneReported = {
  ...{ connected: undefined, watching: undefined, sessions: 0 },
  ...{ stalledShare: undefined, latencySeconds: undefined },
} as const;
const off = { ...onAir, wanted: false, status: 'stopped' } as const;

const cause = (key: Cause['key'], level: Cause['level'], fault: Fault, figures: Cause['figures']): Cause => ({
  ...{ key, level, fault, figures },
});
const loss = cause('upload-loss', 'poor', 'yours', { n: 12, limit: 8 });
const frames = cause('frame-rate', 'fair', 'yours', { n: 19, m: 30, limit: 24 });

const item = (name: string, health: HealthView, change: Partial<SellerSnapshot> = {}): SellerItem => ({
  name,
  snapshot: { ...showing, health, ...change },
});

/** Hebrew for what this item shows first. */
const rightToLeft: SellerTexts = {
  ...en,
  locale: 'he',
  direction: 'rtl',
  levels: { ...en.levels, good: 'טוב' },
  good: { what: 'הקונים רואים ושומעים אתכם היטב.', next: '' },
};

const states: readonly SellerItem[] = [
  item('good', showing.health),
  item(
    'good-unreported',
    { level: 'good', buyersReport: false },
    {
      buyers: noneReported,
      delay: { seconds: 6, measured: false },
    },
  ),
  item('fair', { level: 'fair', causes: [frames] }),
  item('poor', { level: 'poor', causes: [loss, frames] }),
  item('connecting', connectingSeller.health, connectingSeller),
  ...(['no-connection', 'refused', 'no-report', 'partly'] as const).map((reason) =>
    item(reason, { level: 'unknown', reason }, reason === 'partly' ? {} : nothingMeasured),
  ),
  item('not-begun', { level: 'away', begun: false, since: undefined }, nothingMeasured),
  item('away', { level: 'away', begun: true, since: NOW - 95_000 }),
  ...(['stopped', 'idle', 'agora-only', 'ended'] as const).map((reason) =>
    item(
      reason,
      { level: 'off', reason },
      {
        ...nothingMeasured,
        channel: { ...off, idle: reason === 'idle', ended: reason === 'ended' },
      },
    ),
  ),
];

/** Every cause in words: the look is the same for all. */
const causes: readonly SellerItem[] = causeKeys.map((key) =>
  item(
    key,
    { level: 'poor', causes: [cause(key, 'poor', 'ours', { n: 12, m: 30, limit: 8 })] },
    {
      ...{ history: [], delivery: undefined, ...nothingMeasured },
    },
  ),
);

const variants: readonly SellerItem[] = [
  item('announced', showing.health, { announced: { mode: 'agora-only', at: NOW + 60_000 } }),
  item('changing', showing.health, { change: { kind: 'mode', state: 'pending' } }),
  item('change-failed', showing.health, { change: { kind: 'stop', state: 'failed' } }),
  {
    name: 'german-poor',
    texts: de,
    snapshot: { ...showing, health: { level: 'poor', causes: [loss, frames] } },
  },
  { name: 'right-to-left', texts: rightToLeft, snapshot: showing },
];

const opened: readonly SellerItem[] = [
  { name: 'choose-agora', snapshot: showing, press: ['Use Agora'] },
  { name: 'stop', snapshot: showing, press: ['Take off air'] },
];

export const sellerItems: readonly SellerItem[] = [...states, ...causes, ...variants, ...opened];

const player = (state: PlayerState): PreviewState => ({
  type: 'on',
  player: { state, latency: { behindSeconds: 5, atEdge: true } },
});

export const previewItems: readonly PreviewItem[] = [
  { name: 'preview-off', state: { type: 'off', hidden: false }, price: 0 },
  { name: 'preview-hidden', state: { type: 'off', hidden: true }, price: 0.027 },
  { name: 'preview-loading', state: { type: 'loading' }, price: undefined },
  { name: 'preview-failed', state: { type: 'failed' }, price: undefined },
  { name: 'preview-playing', state: player('playing'), price: 0.027 },
  { name: 'preview-waiting', state: player('waiting-for-host'), price: 0 },
  { name: 'preview-tap', state: player('tap-to-play'), price: 0 },
];
