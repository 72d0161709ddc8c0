import type { ReactNode } from 'react';
import { useSnapshot } from '../../player/ui/input/use-snapshot.ts';
import type { Seller } from '../core/snapshot.ts';
import { Delivery } from './delivery.tsx';
import { Figures } from './figures.tsx';
import { Frame, type FrameProps } from './frame.tsx';
import { HealthPanel } from './health-panel.tsx';
import { History } from './history.tsx';
import type { LookProps } from './look-props.ts';
import { OnAir } from './on-air.tsx';

export interface SellerViewProps extends LookProps, Pick<FrameProps, 'timeZone'> {
  readonly seller: Seller;
}

/** A show as its seller sees it. What it shows and does is all in `seller`. */
export function SellerView({ seller, ...look }: SellerViewProps): ReactNode {
  const snapshot = useSnapshot(seller);
  return (
    <Frame className="lcs-view" name={({ seller: name }) => name} {...look}>
      {look.title !== undefined && <p className="lcs-title">{look.title}</p>}
      <HealthPanel health={snapshot.health} platform={snapshot.channel?.platform} />
      <OnAir seller={seller} snapshot={snapshot} />
      <Figures {...snapshot} />
      <History points={snapshot.history} />
      <Delivery seller={seller} snapshot={snapshot} />
    </Frame>
  );
}
