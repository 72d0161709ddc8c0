import { beforeAll, describe, expect, test } from '@jest/globals';
import { act, fireEvent, screen } from '@testing-library/react';
import type { PlayerSnapshot } from '../../../../src/web/player/core/snapshot.ts';
import { layersOnDemand } from '../../../../src/web/player/ui/layers.ts';
import type { Call } from '../fake-player.ts';
import { inState, playing } from '../fake-player.ts';
import { showPlayer } from './show-player.tsx';

beforeAll(() => layersOnDemand.load());

const focus = (element: HTMLElement): void => {
  act(() => {
    element.focus();
  });
};

describe('keys, with the focus in the player', () => {
  const rows: readonly (readonly [string, Partial<PlayerSnapshot>, readonly Call[]])[] = [
    [' ', {}, [['pause']]],
    ['k', {}, [['pause']]],
    ['K', {}, [['pause']]],
    ['k', { state: 'paused' }, [['play']]],
    ['m', {}, [['setMuted', true]]],
    ['{ArrowUp}', { volume: 0.8 }, [['setVolume', 0.85]]],
    ['{ArrowUp}', { volume: 1 }, [['setVolume', 1]]],
    ['{ArrowDown}', { volume: 0.02 }, [['setVolume', 0]]],
    [
      '{ArrowUp}',
      { muted: true },
      [
        ['setVolume', 0.05],
        ['setMuted', false],
      ],
    ],
    ['l', {}, [['goLive']]],
    ['c', {}, [['setCaptions', true]]],
    ['p', {}, [['setPictureInPicture', true]]],
    ['i', {}, [['setPictureInPicture', true]]],
    ['f', {}, [['setFullScreen', true]]],
    ['x', {}, []],
    ['{ArrowLeft}', {}, []],
    ['c', { captions: { available: false, on: false } }, []],
    ['{ArrowUp}', { volumeSettable: false }, []],
    ['{Control>}f{/Control}', {}, []],
  ];
  test.each(rows)('%s %j', async (key, change, calls) => {
    const { user, player, region } = showPlayer({ ...playing, ...change });
    focus(region);
    await user.keyboard(key);
    expect(player.calls).toEqual(calls);
  });

  test('with the focus elsewhere, keys are the page’s', async () => {
    const { user, player } = showPlayer(playing);
    await user.keyboard('kmf');
    expect(player.calls).toEqual([]);
  });

  test('Space on a button presses that button alone; a letter is the player’s', async () => {
    const { user, player } = showPlayer(playing);
    focus(screen.getByRole('button', { name: 'Mute' }));
    await user.keyboard(' ');
    expect(player.calls).toEqual([['setMuted', true]]);
    await user.keyboard('k');
    expect(player.calls).toEqual([['setMuted', true], ['pause']]);
  });

  test('arrows on the volume slider are the slider’s', () => {
    const { player } = showPlayer(playing);
    const slider = screen.getByRole('slider');
    focus(slider);
    expect(fireEvent.keyDown(slider, { key: 'ArrowUp' })).toBe(true);
    expect(player.calls).toEqual([]);
  });

  test('a show that is over has no keys for playback', async () => {
    const { user, player, region } = showPlayer(inState('ended'));
    focus(region);
    await user.keyboard('km');
    expect(player.calls).toEqual([]);
  });
});

describe('the list of keys', () => {
  test('opens by ?, names what can be used here, and returns the focus', async () => {
    const { user, region } = showPlayer({ ...playing, captions: { available: false, on: false } });
    focus(region);
    await user.keyboard('?');
    const dialog = screen.getByRole('dialog', { name: 'Keyboard shortcuts' });
    expect(dialog.textContent).toContain('SpaceKPlay or pause');
    expect(dialog.textContent).not.toContain('Captions');
    await user.keyboard('m');
    fireEvent(dialog, new Event('cancel', { cancelable: true }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(region);
  });
});
