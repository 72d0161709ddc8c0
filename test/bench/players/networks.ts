import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';

const STREAM_KBPS = 380;

interface Network {
  readonly kbps: number;
  readonly latencyMs: number;
  /** Seconds from the beginning at which it is cut, for CUT_SECONDS. */
  readonly cuts: readonly number[];
}

const CUT_SECONDS = 4;

/** What viewers have. */
export const networks = {
  good: { kbps: 10_000, latencyMs: 20, cuts: [] },
  /** Hardly more than the stream. */
  narrow: { kbps: STREAM_KBPS * 1.25, latencyMs: 150, cuts: [] },
  interrupted: { kbps: 10_000, latencyMs: 20, cuts: [12, 28] },
} as const satisfies Record<string, Network>;
export type NetworkName = keyof typeof networks;
export const networkNames = Object.keys(networks) as NetworkName[]; // the keys of the table above

/** Gives the page this network for some seconds. */
export async function emulate(page: Page, name: NetworkName, seconds: number): Promise<void> {
  const { kbps, latencyMs, cuts }: Network = networks[name];
  const session = await page.createCDPSession();
  const set = async (offline: boolean): Promise<void> => {
    await session.send('Network.emulateNetworkConditions', {
      offline,
      latency: latencyMs,
      downloadThroughput: (kbps * 1_000) / 8,
      uploadThroughput: (kbps * 1_000) / 8,
    });
  };
  const began = performance.now();
  const until = (second: number): Promise<void> =>
    pause(Math.max(0, began + second * 1_000 - performance.now()));
  await set(false);
  for (const cut of cuts.filter((second) => second + CUT_SECONDS < seconds)) {
    await until(cut);
    await set(true);
    await until(cut + CUT_SECONDS);
    await set(false);
  }
  await until(seconds);
}
