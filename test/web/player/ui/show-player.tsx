import { act, render, screen, type RenderResult } from '@testing-library/react';
import { userEvent, type UserEvent } from '@testing-library/user-event';
import { StrictMode } from 'react';
import type { PlayerSnapshot } from '../../../../src/web/player/core/snapshot.ts';
import { PlayerView, type PlayerViewProps } from '../../../../src/web/player/ui/player-view.tsx';
import { FakePlayer } from '../fake-player.ts';
import { fillDomGaps } from './dom-gaps.ts';

export const NOW = Date.UTC(2026, 10, 30, 12);

export interface ShownPlayer extends RenderResult {
  readonly player: FakePlayer;
  readonly user: UserEvent;
  /** The player's outermost element. */
  readonly region: HTMLElement;
  readonly change: (change: Partial<PlayerSnapshot>) => void;
}

/** Renders a player as an app does, in strict mode. */
export function showPlayer(
  snapshot: PlayerSnapshot,
  props: Partial<PlayerViewProps> = {},
  advanceTimers?: (ms: number) => void,
): ShownPlayer {
  fillDomGaps();
  const player = new FakePlayer(snapshot);
  const user = userEvent.setup(advanceTimers === undefined ? {} : { advanceTimers });
  const shown = render(
    <StrictMode>
      <PlayerView player={player} video={<video />} title="Autumn sale" now={() => NOW} {...props} />
    </StrictMode>,
  );
  return {
    ...shown,
    player,
    user,
    region: screen.getByRole('region'),
    change: (change) => {
      act(() => {
        player.change(change);
      });
    },
  };
}
