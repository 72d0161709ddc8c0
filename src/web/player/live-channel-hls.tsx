'use client';

import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { readTicket } from './channel/read-ticket.ts';
import { connectingPlayer } from './core/connecting-player.ts';
import type { OpenedPlayer, OpenPlayer, PlayerSource, TicketSource } from './core/open-player.ts';
import { watchPlayer, type PlayerCallbacks } from './core/player-callbacks.ts';
import type { Texts } from './text/texts.ts';
import { PlayerView, type Theme } from './ui/player-view.tsx';
import { Slot } from './ui/slot.ts';

interface ChannelProps {
  /** The channel, as the service names it. */
  readonly channelId: string;
  /** Base address of the service, such as https://live.example.com. */
  readonly api: string;
  /** Needed where the channel is not public. */
  readonly ticket?: TicketSource | undefined;
  /** Default true: reports start-up, stalls and latency to the service, unless the browser has Global Privacy Control. */
  readonly qoe?: boolean | undefined;
  readonly src?: undefined;
}

interface AddressProps {
  /** An HLS address to play without a service. */
  readonly src: string;
  readonly channelId?: undefined;
  readonly api?: undefined;
  readonly ticket?: undefined;
  readonly qoe?: undefined;
}

interface LookProps {
  /** Name of the show: heading, name for screen readers, and the system's media controls. */
  readonly title?: string | undefined;
  /** Address of an image that is shown until there is video. */
  readonly poster?: string | undefined;
  /** Default true: starts by itself, muted where the browser requires it. */
  readonly autoPlay?: boolean | undefined;
  /**
   * Default true: whether playback begins without sound. Where the browser refuses sound before a tap, it begins without it
   * all the same. Later changes have no effect: the viewer decides then.
   */
  readonly muted?: boolean | undefined;
  /** All words; default: English. */
  readonly texts?: Texts | undefined;
  /** BCP 47 tag for how numbers are written; default: that of the texts. */
  readonly locale?: string | undefined;
  /** Default: that of the texts. */
  readonly dir?: 'ltr' | 'rtl' | undefined;
  /** Default auto: as the system is set. */
  readonly theme?: Theme | undefined;
}

/**
 * onUseAgora is called as soon as it is known that viewers are to watch on Agora, and again when the viewer presses the
 * button for it; HLS goes on until the app removes the component. Without it no button leads to Agora.
 *
 * @example
 * ```tsx
 * <LiveChannelHLS channelId="4711" api="https://live.example.com" title="Autumn sale" />
 * ```
 */
export type LiveChannelHLSProps = (ChannelProps | AddressProps) & LookProps & PlayerCallbacks;

/** The component over a way to open players. `prepare` may load what they need before there is an element to play in. */
export function createLiveChannelHLS(
  openPlayer: OpenPlayer,
  prepare: () => void = nothing,
): (props: LiveChannelHLSProps) => ReactNode {
  return function LiveChannelHLS(props) {
    const { channelId, api, src, autoPlay = true, qoe = true, onUseAgora } = props;
    const hasTicket = props.ticket !== undefined;
    const video = useRef<HTMLVideoElement>(null);
    const canvas = useRef<HTMLCanvasElement>(null);
    const stage = useRef<HTMLElement>(null);
    const [slot] = useState(() => {
      // Rendering takes as long as the request: they go on side by side.
      prepare();
      return new Slot<OpenedPlayer>();
    });
    const opened = useSyncExternalStore(slot.subscribe, slot.read, nothing);

    // Callbacks may be other functions at each render; the player calls the newest, and is not opened again for them.
    const newest = useRef(props);
    useEffect(() => {
      newest.current = props;
    });
    useEffect(() => {
      if (video.current === null || canvas.current === null || stage.current === null) return undefined;
      const source: PlayerSource =
        src === undefined
          ? {
              kind: 'channel',
              api,
              channelId,
              ticket: hasTicket ? () => readTicket(newest.current.ticket) : undefined,
            }
          : { kind: 'address', url: src };
      const elements = { video: video.current, canvas: canvas.current, stage: stage.current };
      const { title, poster, muted = true } = newest.current;
      const opened = openPlayer({ ...elements, source, autoPlay, muted, qoe, title, poster });
      const stopWatching = watchPlayer(opened.player, () => newest.current);
      slot.set(opened);
      return () => {
        stopWatching();
        slot.set(undefined);
        opened.destroy();
      };
    }, [slot, channelId, api, src, autoPlay, qoe, hasTicket]);

    const player = opened?.player ?? connectingPlayer;
    const useAgora = (): void => {
      const { agoraAt } = player.snapshot();
      onUseAgora?.(new Date(agoraAt ?? Date.now()));
    };
    return (
      <PlayerView
        player={player}
        stage={stage}
        video={
          <>
            <video ref={video} playsInline poster={props.poster} tabIndex={-1} />
            <canvas ref={canvas} hidden />
          </>
        }
        texts={props.texts}
        locale={props.locale}
        title={props.title}
        dir={props.dir}
        theme={props.theme}
        onUseAgora={onUseAgora === undefined ? undefined : useAgora}
      />
    );
  };
}

const nothing = (): undefined => undefined;
