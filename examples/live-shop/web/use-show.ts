import type { AgoraFigures } from '@livechannel/react/seller';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { goLive, type LiveShow } from './go-live.ts';
import { trpc } from './trpc.ts';

/** The seller's show, as far as this page is concerned. */
export type ShowState = 'off' | 'joining' | 'live' | 'live-on-agora' | 'ending';

export interface Show {
  readonly state: ShowState;
  /** A show that another page began, or this one before it was loaded again, still goes out. */
  readonly runs: boolean;
  readonly figures: AgoraFigures | undefined;
  /** What failed last. */
  readonly fault: string | undefined;
  readonly start: () => void;
  readonly end: () => void;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function useShow(channelId: string, camera: RefObject<HTMLElement | null>): Show {
  const [state, setState] = useState<ShowState>('off');
  const [runs, setRuns] = useState(false);
  const [figures, setFigures] = useState<AgoraFigures>();
  const [fault, setFault] = useState<string>();
  const show = useRef<LiveShow>(undefined);

  useEffect(() => {
    trpc.relay.status.query({ channelId }).then(({ isActive }) => {
      setRuns(isActive);
    }, console.error);
  }, [channelId]);

  const isLive = state === 'live' || state === 'live-on-agora';
  useEffect(() => {
    if (!isLive) return undefined;
    // The browser asks whether the seller means to leave a show that is on air.
    const ask = (event: Event): void => {
      event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => {
      removeEventListener('beforeunload', ask);
    };
  }, [isLive]);

  const onLost = (reason: string): void => {
    setFigures(undefined);
    setState('off');
    setFault(`Agora has ended the connection (${reason}). Go live again, or end the show.`);
  };

  const start = async (): Promise<void> => {
    if (camera.current === null) return;
    setState('joining');
    setFault(undefined);
    try {
      show.current = await goLive(channelId, { camera: camera.current, onFigures: setFigures, onLost });
    } catch (error) {
      setState('off');
      setFault(textOf(error));
      return;
    }
    setState('live');
    setRuns(true);
    const { started } = show.current;
    started.then(
      (where) => {
        if (where === 'agora-only') setState((now) => (now === 'live' ? 'live-on-agora' : now));
      },
      (error: unknown) => {
        // The show goes on on Agora, and the view of its health has the reason.
        setFault(textOf(error));
      },
    );
  };

  const end = async (): Promise<void> => {
    setState('ending');
    setFault(undefined);
    try {
      await (show.current === undefined ? trpc.relay.stop.mutate({ channelId }) : show.current.end());
      show.current = undefined;
      setRuns(false);
    } catch (error) {
      setFault(`The show may still be on air: ${textOf(error)} End it again.`);
    }
    setFigures(undefined);
    setState('off');
  };

  return {
    ...{ state, runs, figures, fault },
    start: () => void start(),
    end: () => void end(),
  };
}
