import {
  connectingSeller,
  type HistoryPoint,
  type Seller,
  type SellerSnapshot,
} from '../../../src/web/seller/core/snapshot.ts';
import { goodBuyers, goodMedia, onAir } from './facts.ts';

const NOON = Date.UTC(2026, 10, 30, 12);

/** An hour with a gap: a show that began, was interrupted, and grew. */
const hour: readonly HistoryPoint[] = Array.from({ length: 60 }, (_, index) => {
  const isGap = index >= 22 && index < 26;
  const wave = Math.sin(index / 4) * 14;
  return {
    at: NOON - (59 - index) * 60_000,
    hls: isGap ? undefined : Math.round(40 + index * 6 + wave),
    agora: isGap ? undefined : Math.round(20 - index / 5),
    kbps: isGap ? undefined : Math.round(2_400 + wave * 12),
    health: isGap ? undefined : 'good',
  };
});

/** An ordinary show on air, of which everything is known. */
export const showing: SellerSnapshot = {
  ...connectingSeller,
  service: 'ok',
  health: { level: 'good', buyersReport: true },
  channel: onAir,
  viewers: { hls: 400, agora: 12 },
  numbersAge: 1,
  media: goodMedia,
  buyers: goodBuyers,
  buyersAge: 14,
  delay: { seconds: 6, measured: true },
  history: hour,
  delivery: {
    options: [
      { mode: 'agora-only', usdPerThousandViewerMinutes: 3.99, usdPerHour: 0, delaySeconds: 1 },
      { mode: 'hybrid', usdPerThousandViewerMinutes: 0.45, usdPerHour: 0.3, delaySeconds: 6 },
      { mode: 'hls-only', usdPerThousandViewerMinutes: 0.45, usdPerHour: 0.3, delaySeconds: 6 },
    ],
    chosen: 'hybrid',
    breakEvenViewers: 3,
  },
  canStart: true,
  canStop: true,
};

export type SellerCall = readonly [command: 'setMode' | 'start' | 'stop', argument?: unknown];

/** A seller's session of plain values: shows what it has, and records what it is asked to do. */
export class FakeSeller implements Seller {
  readonly calls: SellerCall[] = [];
  readonly #listeners = new Set<() => void>();
  #snapshot: SellerSnapshot;

  constructor(snapshot: SellerSnapshot = showing) {
    this.#snapshot = snapshot;
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  snapshot(): SellerSnapshot {
    return this.#snapshot;
  }

  /** Must be called within act(). */
  change(change: Partial<SellerSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }

  setMode(mode: unknown): void {
    this.calls.push(['setMode', mode]);
  }

  start(): void {
    this.calls.push(['start']);
  }

  stop(): void {
    this.calls.push(['stop']);
  }
}
