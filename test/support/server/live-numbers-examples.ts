import type { RelayNumbers } from '../../../src/api/live-numbers.ts';

/** What a relay in good health reports. */
export function relayNumbers(difference: Partial<RelayNumbers> = {}): RelayNumbers {
  return {
    ...{ at: '2026-01-01T00:00:00.000Z', picture: 'live', host: { video: true, audio: true } },
    ...{ mode: 'passthrough', inBitrateKbps: 2_500, outBitrateKbps: 2_510, frameRate: 30 },
    ...{ width: 1280, height: 720, keyframeIntervalSeconds: 2, avOffsetMs: 0, lagMs: 40 },
    ...{ packetLossPercent: 0, jitterMs: 3, congestion: 'full', congestionMessage: '', restarts: 0 },
    health: 'good',
    ...difference,
  };
}
