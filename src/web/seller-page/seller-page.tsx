import { useEffect, useState, type ReactNode } from 'react';
import type { ParentPage } from '../embed/parent-page.ts';
import {
  SellerPreview,
  SellerStreamHealth,
  type AgoraFigures,
  type SellerStreamHealthProps,
  type SellerTexts,
} from '../seller/public.ts';

interface SellerPageProps extends Pick<SellerStreamHealthProps, 'channelId' | 'api' | 'ticket'> {
  readonly texts: SellerTexts | undefined;
  /** Sends figures of the seller's Agora client; undefined: the page stands alone. */
  readonly parentPage: Pick<ParentPage, 'onAgora'> | undefined;
}

/** Everything that a seller sees, on one page. */
export function SellerPage({ parentPage, ...channel }: SellerPageProps): ReactNode {
  const [agora, setAgora] = useState<AgoraFigures>();
  useEffect(
    () =>
      parentPage?.onAgora((figures) => {
        setAgora({ ...figures, at: Date.now() });
      }),
    [parentPage],
  );
  return (
    <>
      <SellerStreamHealth {...channel} agora={agora} />
      <SellerPreview {...channel} />
    </>
  );
}
