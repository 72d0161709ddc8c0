import { LiveChannelHLS, type PlayerState } from '@livechannel/react';
import { useCallback, useReducer, useRef, useState, type ReactNode } from 'react';
import { AgoraShow } from './agora-show.tsx';
import { buyerTicket } from './tickets.ts';
import { hasAgora, hasPlayer, showsAgora, watchingAfter } from './watching.ts';

interface BuyerPageProps {
  readonly channelId: string;
  /** Base address of the service. */
  readonly api: string;
}

/**
 * A show on HLS. When the channel goes to Agora, HLS plays on until Agora plays; when it comes back, Agora plays on until
 * HLS does.
 */
export function BuyerPage({ channelId, api }: BuyerPageProps): ReactNode {
  const [watching, dispatch] = useReducer(watchingAfter, 'hls');
  const [agoraAt, setAgoraAt] = useState(() => new Date());
  const playerState = useRef<PlayerState>('connecting');

  const useAgora = (at: Date): void => {
    setAgoraAt(at);
    dispatch('use-agora');
  };
  const onStateChange = (state: PlayerState): void => {
    playerState.current = state;
    if (state === 'playing' || state === 'ended') dispatch('hls-plays');
  };
  const onAgoraPlaying = useCallback(() => {
    dispatch('agora-plays');
  }, []);
  const onUseHls = useCallback(() => {
    // A browser that cannot play HLS stays on Agora.
    if (playerState.current !== 'unsupported') dispatch('use-hls');
  }, []);

  return (
    <>
      <h1>Channel {channelId}</h1>
      <div className="stage" data-watching={watching}>
        {hasPlayer(watching) && (
          <div inert={showsAgora(watching)} className={showsAgora(watching) ? 'behind' : undefined}>
            <LiveChannelHLS
              channelId={channelId}
              api={api}
              ticket={() => buyerTicket(channelId)}
              title={`Channel ${channelId}`}
              onUseAgora={useAgora}
              onStateChange={onStateChange}
            />
          </div>
        )}
        {hasAgora(watching) && (
          <div inert={!showsAgora(watching)} className={showsAgora(watching) ? undefined : 'behind'}>
            <AgoraShow channelId={channelId} at={agoraAt} onPlaying={onAgoraPlaying} onUseHls={onUseHls} />
          </div>
        )}
      </div>
    </>
  );
}
