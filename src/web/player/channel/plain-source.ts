import { unknownChannel, type ChannelSource, type ChannelState } from './channel-state.ts';

/** A plain address, without a service: what the address answers is all that is known. */
export function plainSource(url: string): ChannelSource {
  const state: ChannelState = {
    ...unknownChannel,
    ...{ service: 'off', url, stream: url, onAir: true, wanted: true },
  };
  return {
    subscribe: () => () => undefined,
    state: () => state,
    refresh: () => undefined,
    clockSkewMs: () => undefined,
    destroy: () => undefined,
  };
}
