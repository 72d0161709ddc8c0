'use client';

import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { readTicket } from '../player/channel/read-ticket.ts';
import type { TicketSource } from '../player/core/open-player.ts';
import { Slot } from '../player/ui/slot.ts';
import type { SellerSessionOptions } from './channel/seller-session.ts';
import { connectingSeller, type AgoraFigures, type Seller } from './core/snapshot.ts';
import type { LookProps } from './ui/look-props.ts';
import { SellerView } from './ui/seller-view.tsx';

/** A seller's session that runs. */
export interface OpenedSeller extends Seller {
  setAgora(figures: AgoraFigures | undefined): void;
  /** Ends everything: requests, timers, events. */
  destroy(): void;
}

/** Never throws and never waits: whatever is wrong is a state. Called in the browser alone. */
export type OpenSeller = (
  options: Pick<SellerSessionOptions, 'api' | 'channelId' | 'ticket'>,
) => OpenedSeller;

/**
 * @example
 * ```tsx
 * <SellerStreamHealth channelId="4711" api="https://live.example.com" ticket={sellerTicket} />
 * ```
 */
export interface SellerStreamHealthProps extends LookProps {
  /** The channel, as the service names it. */
  readonly channelId: string;
  /** Base address of the service, such as https://live.example.com. */
  readonly api: string;
  /** A ticket of the role seller. With the grants `start` and `stop`, the view has buttons for them. */
  readonly ticket: TicketSource;
  /** Figures of the seller's own Agora client, which tell a bad upload from other faults. */
  readonly agora?: AgoraFigures | undefined;
}

/** Stands where a session will be. */
const connecting: Seller = {
  subscribe: () => () => undefined,
  snapshot: () => connectingSeller,
  setMode: () => undefined,
  start: () => undefined,
  stop: () => undefined,
};

const nothing = (): undefined => undefined;

/** The component over a way to open sessions. */
export function createSellerStreamHealth(
  openSeller: OpenSeller,
): (props: SellerStreamHealthProps) => ReactNode {
  return function SellerStreamHealth(props) {
    const { channelId, api, agora, ticket: _, ...look } = props;
    const [slot] = useState(() => new Slot<OpenedSeller>());
    const opened = useSyncExternalStore(slot.subscribe, slot.read, nothing);

    // The app's callback may be another function at each render; the newest is called, and nothing is opened again.
    const newest = useRef(props);
    useEffect(() => {
      newest.current = props;
    });
    useEffect(() => {
      const session = openSeller({ api, channelId, ticket: () => readTicket(newest.current.ticket) });
      slot.set(session);
      return () => {
        slot.set(undefined);
        session.destroy();
      };
    }, [slot, api, channelId]);
    useEffect(() => {
      opened?.setAgora(agora);
    }, [opened, agora]);

    return <SellerView seller={opened ?? connecting} {...look} />;
  };
}
