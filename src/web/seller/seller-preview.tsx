'use client';

import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { readTicket } from '../player/channel/read-ticket.ts';
import { connectingPlayer } from '../player/core/connecting-player.ts';
import type { OpenedPlayer, TicketSource } from '../player/core/open-player.ts';
import { useSnapshot } from '../player/ui/input/use-snapshot.ts';
import { Slot } from '../player/ui/slot.ts';
import type { OpenPreview } from './preview/preview-options.ts';
import { previewPrice, type ReadDelivery } from './preview/preview-price.ts';
import type { LookProps } from './ui/look-props.ts';
import { PreviewView, type PreviewState } from './ui/preview-view.tsx';

export interface SellerPreviewProps extends LookProps {
  /** The channel, as the service names it. */
  readonly channelId: string;
  /** Base address of the service, such as https://live.example.com. */
  readonly api: string;
  /** A ticket of the role seller. */
  readonly ticket: TicketSource;
}

type Wish = 'off' | 'on' | 'hidden' | 'failed';

const nothing = (): undefined => undefined;

/** The component over a way to open the player, and one to read prices. */
export function createSellerPreview(
  openPreview: OpenPreview,
  readDelivery: ReadDelivery,
): (props: SellerPreviewProps) => ReactNode {
  return function SellerPreview(props) {
    const { channelId, api, ticket: _, ...look } = props;
    const video = useRef<HTMLVideoElement>(null);
    const canvas = useRef<HTMLCanvasElement>(null);
    const [wish, setWish] = useState<Wish>('off');
    const [price, setPrice] = useState<number>();
    const [slot] = useState(() => new Slot<OpenedPlayer>());
    const opened = useSyncExternalStore(slot.subscribe, slot.read, nothing);
    const player = opened?.player ?? connectingPlayer;
    const snapshot = useSnapshot(player);

    const newest = useRef(props);
    useEffect(() => {
      newest.current = props;
    });
    const ticket = useCallback(() => readTicket(newest.current.ticket), []);

    useEffect(() => {
      const end = new AbortController();
      void readDelivery({ api, channelId, ticket }, end.signal).then((delivery) => {
        if (!end.signal.aborted) setPrice(previewPrice(delivery));
      });
      return () => {
        end.abort();
      };
    }, [api, channelId, ticket]);

    useEffect(() => {
      if (wish !== 'on' || video.current === null || canvas.current === null) return undefined;
      const elements = { video: video.current, canvas: canvas.current };
      let ended = false;
      openPreview({ ...elements, api, channelId, ticket }).then(
        (preview) => {
          if (ended) preview.destroy();
          else slot.set(preview);
        },
        () => {
          if (!ended) setWish('failed');
        },
      );
      // A preview that is not seen is still paid for.
      const hide = (): void => {
        if (document.visibilityState === 'hidden') setWish('hidden');
      };
      document.addEventListener('visibilitychange', hide);
      return () => {
        ended = true;
        document.removeEventListener('visibilitychange', hide);
        const preview = slot.read();
        slot.set(undefined);
        preview?.destroy();
      };
    }, [slot, wish, api, channelId, ticket]);

    return (
      <PreviewView
        {...look}
        state={stateOf(wish, opened === undefined ? undefined : snapshot)}
        price={price}
        video={
          <>
            <video ref={video} playsInline muted preload="none" tabIndex={-1} />
            <canvas ref={canvas} hidden />
          </>
        }
        onShow={() => {
          setWish('on');
        }}
        onHide={() => {
          setWish('off');
        }}
        onPlay={() => {
          player.play();
        }}
      />
    );
  };
}

function stateOf(
  wish: Wish,
  player: Extract<PreviewState, { type: 'on' }>['player'] | undefined,
): PreviewState {
  if (wish === 'failed') return { type: 'failed' };
  if (wish !== 'on') return { type: 'off', hidden: wish === 'hidden' };
  return player === undefined ? { type: 'loading' } : { type: 'on', player };
}
