import { ServiceClient } from '../../player/channel/service-client.ts';
import { browserClock } from '../../player/core/clock.ts';
import { parseDelivery } from '../channel/seller-views.ts';
import { hlsOption } from '../core/hls-option.ts';
import type { DeliveryView } from '../core/snapshot.ts';
import type { PreviewOptions } from './preview-options.ts';

export type ReadDelivery = (
  channel: Pick<PreviewOptions, 'api' | 'channelId' | 'ticket'>,
  signal: AbortSignal,
) => Promise<DeliveryView | undefined>;

/** How buyers can watch the channel, with prices; undefined: unknown. */
export const readDelivery: ReadDelivery = async (channel, signal) => {
  const fetch = globalThis.fetch.bind(globalThis);
  const client = new ServiceClient({ ...channel, fetch, clock: browserClock });
  const answer = await client.get('/delivery-options', signal);
  return answer.type === 'ok' ? parseDelivery(answer.body) : undefined;
};

/** What the preview costs in an hour: as much as one more viewer on HLS. undefined: unknown. */
export function previewPrice(delivery: DeliveryView | undefined): number | undefined {
  const perThousand = hlsOption(delivery)?.usdPerThousandViewerMinutes;
  return perThousand === undefined ? undefined : (perThousand * 60) / 1_000;
}
