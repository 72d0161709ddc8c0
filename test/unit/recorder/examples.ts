import type { Sample } from '../../../src/store/store.ts';

export const start = new Date('2026-01-01T00:00:00Z');
export const after = (seconds: number): Date => new Date(start.getTime() + seconds * 1_000);

export function aSample(difference: Partial<Sample> = {}): Sample {
  return {
    namespace: 'shop',
    channelId: 'show',
    at: start,
    agoraViewers: undefined,
    hlsViewers: 7,
    bitrateKbps: 2_500,
    relayHealth: 'good',
    relayStatus: 'active',
    platform: 'origin',
    afterGap: false,
    ...difference,
  };
}

/** An error as the store throws it. */
export function storeError(reason: 'Unavailable' | 'Invalid'): Error {
  return Object.assign(new Error(`the database says ${reason}`), { name: 'StoreError', reason });
}
