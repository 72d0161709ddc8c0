/** What @livechannel/react/seller exports. Languages other than English are subpaths, so that no app pays for them. */
import { SellerSession } from './channel/seller-session.ts';
import { readDelivery } from './preview/preview-price.ts';
import { createSellerPreview } from './seller-preview.tsx';
import { createSellerStreamHealth } from './seller-stream-health.tsx';

/** How a seller's show does, what to do about it, and the choice of where buyers watch. */
export const SellerStreamHealth = createSellerStreamHealth((options) => new SellerSession(options));

/** What buyers see, when the seller asks for it. The player is loaded then. */
export const SellerPreview = createSellerPreview(async (options) => {
  const { openPreview } = await import('./preview/open-preview.ts');
  return openPreview(options);
}, readDelivery);

export type { AgoraFigures } from './core/snapshot.ts';
export type { SellerPreviewProps } from './seller-preview.tsx';
export type { SellerStreamHealthProps } from './seller-stream-health.tsx';
export { en } from './text/en.ts';
export type { SellerTexts } from './text/texts.ts';
