import type { ChannelView } from '../../../api/channel-view.ts';
import type { Health } from '../../../api/values.ts';
import type { Numbers } from './live-data.ts';

/** null: unknown. */
interface NumbersNow {
  readonly hlsViewers: number | null;
  readonly agoraViewers: number | null;
  readonly bitrateKbps: number | null;
  readonly health: Health | null;
}

/** The newest numbers of a channel: as measured now or, until they arrive, as the channel itself reports them. */
export function numbersNow({ id, relay }: ChannelView, numbers: Numbers | null | undefined): NumbersNow {
  const live = numbers?.byChannel.get(id);
  const { hlsViewers, agoraViewers, bitrateKbps } = live ?? relay;
  return {
    hlsViewers,
    agoraViewers,
    bitrateKbps,
    health: live === undefined ? relay.reportedHealth : live.health,
  };
}
