import { expect, test } from '@jest/globals';
import { screen, waitFor } from '@testing-library/react';
import { inState, playing } from '../fake-player.ts';
import { showPlayer } from './show-player.tsx';

const heard = (): string => screen.getByRole('status').textContent;

test('a screen reader hears each change of state, with what happens next', async () => {
  const { change } = showPlayer(inState('connecting'));
  change({ state: 'playing', latency: { behindSeconds: 6, atEdge: true } });
  await waitFor(() => expect(heard()).toBe('The show is playing live.'));
  change({ state: 'reconnecting' });
  await waitFor(() =>
    expect(heard()).toBe('The connection to the show was interrupted. The player reconnects by itself.'),
  );
});

test('it hears when playback falls behind live, and not how far each second', async () => {
  const { change } = showPlayer(playing);
  await waitFor(() => expect(heard()).toBe('The show is playing live.'));
  const heardTexts = new Set<string>();
  const observer = new MutationObserver(() => heardTexts.add(heard()));
  observer.observe(screen.getByRole('status'), { childList: true, characterData: true, subtree: true });
  for (const behindSeconds of [7, 8, 9]) change({ latency: { behindSeconds, atEdge: true } });
  change({ latency: { behindSeconds: 20, atEdge: false } });
  await waitFor(() => expect(heard()).toBe('The show is playing, behind live.'));
  observer.disconnect();
  expect([...heardTexts]).toEqual(['The show is playing, behind live.']);
});

test('a countdown is not read out', async () => {
  showPlayer(inState('reconnecting', { retryAt: Date.now() + 60_000 }));
  await waitFor(() => expect(heard()).not.toBe(''));
  expect(heard()).not.toMatch(/\d/);
});
