import { connectingSnapshot } from './connecting-player.ts';
import type { Player, PlayerState } from './snapshot.ts';

/** What an app may want to hear of a player. */
export interface PlayerCallbacks {
  /** Viewers are to watch on Agora from `at` on, which may be in the future. */
  readonly onUseAgora?: ((at: Date) => void) | undefined;
  /** The show is over. */
  readonly onEnded?: (() => void) | undefined;
  /** The sound was turned off or on: by the viewer, or by a browser that plays only without sound. */
  readonly onMutedChange?: ((muted: boolean) => void) | undefined;
  readonly onStateChange?: ((state: PlayerState) => void) | undefined;
}

/** Calls `callbacks` for what changes in the player, each once. `callbacks` returns the newest. Returns how to stop. */
export function watchPlayer(player: Player, callbacks: () => PlayerCallbacks): () => void {
  let last = connectingSnapshot;
  const check = (): void => {
    const before = last;
    last = player.snapshot();
    const { state, agoraAt, muted } = last;
    const { onUseAgora, onEnded, onMutedChange, onStateChange } = callbacks();
    if (state !== before.state) {
      onStateChange?.(state);
      if (state === 'ended') onEnded?.();
    }
    // What the page was told at the start: nothing has changed yet.
    if (muted !== before.muted && before !== connectingSnapshot) onMutedChange?.(muted);
    if (agoraAt !== undefined && agoraAt !== before.agoraAt) onUseAgora?.(new Date(agoraAt));
  };
  check();
  return player.subscribe(check);
}
