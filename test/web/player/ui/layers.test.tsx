import { expect, test } from '@jest/globals';
import { act, screen } from '@testing-library/react';
import { OnDemand } from '../../../../src/web/player/core/on-demand.ts';
import type { Layers } from '../../../../src/web/player/ui/layers.ts';
import { inState, playing } from '../fake-player.ts';
import { showPlayer } from './show-player.tsx';

/** The code of menus and dialogs, over a network that answers when a test says. */
function network() {
  const answers: { arrive: () => Promise<void>; fail: () => Promise<void> }[] = [];
  const layers = new OnDemand<Layers>(
    () =>
      new Promise((resolve, reject) => {
        answers.push({
          arrive: async () => resolve(await import('../../../../src/web/player/ui/layers-code.ts')),
          fail: async () => reject(new TypeError('Failed to fetch dynamically imported module')),
        });
      }),
  );
  const last = (): (typeof answers)[number] => {
    const answer = answers.at(-1);
    if (answer === undefined) throw new Error('nothing was requested');
    return answer;
  };
  return { layers, requests: () => answers.length, last };
}

const more = (): HTMLElement => screen.getByRole('button', { name: 'More' });

test('a menu whose code is still on its way opens as soon as it arrives, and the focus with it', async () => {
  const { layers, last } = network();
  const { user } = showPlayer(playing, { layers });
  await user.click(more());
  expect(screen.queryByRole('menu')).toBeNull();
  await act(() => last().arrive());
  screen.getByRole('menu');
  expect(document.activeElement?.textContent).toContain('Picture-in-picture');
});

test('one whose code cannot be loaded closes, all other controls work, and the next press tries again', async () => {
  const { layers, last, requests } = network();
  const { user, player, region } = showPlayer(playing, { layers });
  await user.click(more());
  await act(() => last().fail());
  expect(more().getAttribute('aria-expanded')).toBe('false');
  expect(region.dataset['state']).toBe('playing');
  await user.click(screen.getByRole('button', { name: 'Pause' }));
  expect(player.calls).toEqual([['pause']]);
  expect(requests()).toBe(1);
  await user.click(more());
  await act(() => last().arrive());
  screen.getByRole('menu');
});

test('the code is requested when the viewer turns to a show that plays, once, and not before the first frame', async () => {
  const { layers, requests } = network();
  const { user, region, change } = showPlayer(inState('connecting'), { layers });
  await user.hover(region);
  expect(requests()).toBe(0);
  change(playing);
  await user.hover(more());
  await user.hover(region);
  expect(requests()).toBe(1);
});
