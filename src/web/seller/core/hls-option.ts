import type { DeliveryOption, DeliveryView } from './snapshot.ts';

/** How buyers watch on HLS; undefined: unknown. hls-only and hybrid have the same price and delay. */
export function hlsOption(delivery: DeliveryView | undefined): DeliveryOption | undefined {
  return delivery?.options.find(({ mode }) => mode !== 'agora-only');
}
