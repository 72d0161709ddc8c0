import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { act, screen } from '@testing-library/react';
import { StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server.node';
import { playerStates } from '../../../../src/web/player/core/snapshot.ts';
import { de } from '../../../../src/web/player/text/de.ts';
import { en } from '../../../../src/web/player/text/en.ts';
import { PlayerView } from '../../../../src/web/player/ui/player-view.tsx';
import { FakePlayer, inState, playing } from '../fake-player.ts';
import { showPlayer } from './show-player.tsx';

let complaints: jest.SpiedFunction<typeof console.error>;
beforeEach(() => {
  complaints = jest.spyOn(console, 'error');
});
afterEach(() => {
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockRestore();
});

describe('on a server', () => {
  test.each(playerStates)('%s rendered with its words, and hydrated by the browser', async (state) => {
    const view = (
      <StrictMode>
        <PlayerView
          player={new FakePlayer(inState(state, { retryAt: Date.now() + 9_000 }))}
          video={<video />}
        />
      </StrictMode>
    );
    const html = renderToString(view);
    if (state !== 'playing') expect(html).toContain(en.states[state].what);
    const place = document.createElement('div');
    place.innerHTML = html;
    const root = await act(async () => hydrateRoot(place, view));
    expect(place.querySelector('.lc-player')?.getAttribute('data-state')).toBe(state);
    await act(async () => root.unmount());
  });
});

describe('in the page', () => {
  test('it lets go of the player when it is removed', () => {
    const { player, unmount } = showPlayer(playing);
    expect(player.listeners).toBe(1);
    unmount();
    expect(player.listeners).toBe(0);
  });

  test('it has the name of the show, and its own where there is none', () => {
    const first = showPlayer(playing);
    expect(first.region.getAttribute('aria-label')).toBe('Autumn sale');
    first.unmount();
    expect(showPlayer(playing, { title: undefined }).region.getAttribute('aria-label')).toBe('Live video');
  });

  test('the direction is that of the texts, and may be set', () => {
    const first = showPlayer(playing, { texts: { ...en, direction: 'rtl' } });
    expect(first.region.dir).toBe('rtl');
    first.unmount();
    expect(showPlayer(playing, { dir: 'rtl' }).region.dir).toBe('rtl');
  });

  test('another language replaces every word', () => {
    const { region } = showPlayer(inState('reconnecting'), { texts: de });
    expect(region.lang).toBe('de');
    expect(region.textContent).toContain('Die Verbindung zur Show wurde unterbrochen.');
    screen.getByRole('button', { name: 'Jetzt erneut versuchen' });
  });

  test('the theme is set on the element that the style sheet knows', () => {
    expect(showPlayer(playing, { theme: 'dark' }).region.dataset['theme']).toBe('dark');
  });
});
