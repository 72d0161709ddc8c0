import type { Sample } from '../../../src/store/store.ts';

/** A sample of a live channel, with overrides. */
export function sampleOf(told: Partial<Sample> & Pick<Sample, 'channelId' | 'at'>): Sample {
  return {
    namespace: 'shop',
    agoraViewers: 3,
    hlsViewers: 40,
    bitrateKbps: 2_500,
    relayHealth: 'good',
    relayStatus: 'active',
    platform: 'ivs-eu',
    afterGap: false,
    ...told,
  };
}
