import { previewAddress } from '../../../api/origin-viewer.ts';
import type { ChannelSource, ChannelState } from '../../player/channel/channel-state.ts';

/** The channel as buyers have it, with an address that the origin does not count as a viewer. */
export function previewSource(source: ChannelSource): ChannelSource {
  let last: { readonly of: ChannelState; readonly state: ChannelState } | undefined;
  const previewed = (of: ChannelState): ChannelState => {
    if (last?.of !== of) last = { of, state: { ...of, url: of.url && previewAddress(of.url) } };
    return last.state;
  };
  return {
    subscribe: (changed) => source.subscribe((state) => changed(previewed(state))),
    state: () => previewed(source.state()),
    refresh: () => source.refresh(),
    clockSkewMs: () => source.clockSkewMs(),
    destroy: () => source.destroy(),
  };
}
