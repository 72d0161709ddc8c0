import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { act, fireEvent, screen } from '@testing-library/react';
import { inState, playing } from '../fake-player.ts';
import { showPlayer, type ShownPlayer } from './show-player.tsx';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const pass = (seconds: number): void => {
  act(() => {
    jest.advanceTimersByTime(seconds * 1_000);
  });
};
const show = (snapshot = playing): ShownPlayer =>
  showPlayer(snapshot, {}, (ms) => jest.advanceTimersByTime(ms));
const hidden = ({ region }: ShownPlayer): boolean => region.dataset['idle'] === 'true';

describe('the controls', () => {
  test('go once they have not been used for 3 s, and come back with the pointer', () => {
    const shown = show();
    pass(2.9);
    expect(hidden(shown)).toBe(false);
    pass(0.2);
    expect(hidden(shown)).toBe(true);
    fireEvent.pointerMove(shown.region);
    expect(hidden(shown)).toBe(false);
    pass(2.9);
    fireEvent.pointerMove(shown.region);
    pass(2.9);
    expect(hidden(shown)).toBe(false);
  });

  test('come back with a key', async () => {
    const shown = show();
    pass(4);
    act(() => {
      shown.region.focus();
    });
    pass(4);
    expect(hidden(shown)).toBe(true);
    await shown.user.keyboard('c');
    expect(hidden(shown)).toBe(false);
  });

  test('stay while one of them has the keyboard’s focus, and go once it is elsewhere', async () => {
    const shown = show();
    await shown.user.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Pause' }));
    pass(10);
    expect(hidden(shown)).toBe(false);
    act(() => {
      screen.getByRole('button', { name: 'Pause' }).blur();
    });
    pass(4);
    expect(hidden(shown)).toBe(true);
  });

  test('stay while a menu is open', async () => {
    const shown = show();
    await shown.user.click(screen.getByRole('button', { name: 'More' }));
    pass(10);
    expect(hidden(shown)).toBe(false);
  });

  test.each(['paused', 'buffering', 'reconnecting', 'ended'] as const)('stay while %s', (state) => {
    const shown = show(inState(state));
    pass(10);
    expect(hidden(shown)).toBe(false);
  });
});
