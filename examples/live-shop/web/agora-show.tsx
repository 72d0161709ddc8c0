import { useEffect, useRef, useState, type ReactNode } from 'react';
import { trpc } from './trpc.ts';

/** Buyers on Agora are counted by the back end, which forgets those that it has not seen for 30 s. */
const SEEN_EVERY_MS = 10_000;

interface AgoraShowProps {
  readonly channelId: string;
  /** When viewers are to be on Agora at the latest. */
  readonly at: Date;
  readonly onPlaying: () => void;
  /** The channel is no longer on Agora alone. */
  readonly onUseHls: () => void;
}

/** The show on Agora. The callbacks must be the same at each render. */
export function AgoraShow({ channelId, at, onPlaying, onUseHls }: AgoraShowProps): ReactNode {
  const container = useRef<HTMLDivElement>(null);
  const [host, setHost] = useState(false);
  const [soundBlocked, setSoundBlocked] = useState(false);

  useEffect(() => {
    const { current } = container;
    if (current === null) return undefined;
    let ended = false;
    let stop: (() => void) | undefined;
    const start = async (): Promise<void> => {
      const { watchOnAgora } = await import('./watch-on-agora.ts');
      const callbacks = {
        onPlaying,
        onHost: setHost,
        onSoundBlocked: () => {
          setSoundBlocked(true);
        },
      };
      if (!ended) stop = watchOnAgora(current, channelId, callbacks);
    };
    // At any time until then: not all buyers join at once.
    const timer = setTimeout(() => void start().catch(console.error), Math.random() * msUntil(at));
    return () => {
      ended = true;
      clearTimeout(timer);
      stop?.();
    };
  }, [channelId, at, onPlaying]);

  useEffect(() => {
    const see = (): void => void trpc.agora.watching.mutate({ channelId }).catch(console.error);
    see();
    const timer = setInterval(see, SEEN_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [channelId]);

  useEffect(() => {
    let subscription: { unsubscribe: () => void } | undefined;
    // Until then the channel's mode is still the one before.
    const timer = setTimeout(() => {
      subscription = trpc.events.subscribe(
        { channelId },
        {
          onData: ({ data: event }) => {
            if (event.type !== 'snapshot' && event.type !== 'status') return;
            const { effectiveStreamMode } = event.channel;
            if (effectiveStreamMode !== null && effectiveStreamMode !== 'agora-only') onUseHls();
          },
        },
      );
    }, msUntil(at));
    return () => {
      clearTimeout(timer);
      subscription?.unsubscribe();
    };
  }, [channelId, at, onUseHls]);

  return (
    <section className="agora" aria-label="The show on Agora">
      <div ref={container} className="picture" />
      {!host && <p role="status">The seller is not on camera. The show appears here by itself.</p>}
      {soundBlocked && (
        <button
          type="button"
          className="button"
          onClick={() => {
            setSoundBlocked(false); // Agora's SDK starts the sound with any tap on the page.
          }}
        >
          Turn on the sound
        </button>
      )}
    </section>
  );
}

const msUntil = (at: Date): number => Math.max(0, at.getTime() - Date.now());
