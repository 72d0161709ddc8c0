import { describe, expect, test } from '@jest/globals';
import { screen } from '@testing-library/react';
import { playerStates, type PlayerSnapshot } from '../../../../src/web/player/core/snapshot.ts';
import { inState, playing } from '../fake-player.ts';
import { NOW, showPlayer } from './show-player.tsx';

const text = (region: HTMLElement): string => region.querySelector('.lc-overlay')?.textContent ?? '';

describe('what a viewer reads', () => {
  const inSeconds = (seconds: number): number => NOW + seconds * 1_000;
  const slow = { quality: 'poor', cause: 'slow-network' } as const;
  const offline = { quality: 'poor', cause: 'offline' } as const;
  const rows: readonly (readonly [string, PlayerSnapshot, RegExp, RegExp])[] = [
    ['connecting', inState('connecting', { since: NOW }), /Connecting to the show/, /starts by itself/],
    [
      'connecting for 20 s',
      inState('connecting', { since: inSeconds(-20) }),
      /Connecting/,
      /longer than usual/,
    ],
    ['waiting', inState('waiting-for-host'), /has not started yet/, /no need to reload/],
    ['host left', inState('waiting-for-host', { hasPicture: true }), /host is away/, /when the host is back/],
    ['tap to play', inState('tap-to-play'), /show is ready/, /after a tap/],
    ['paused', inState('paused'), /Paused/, /when you press Play/],
    ['buffering', inState('buffering', { since: NOW }), /Loading the video/, /continues by itself/],
    ['slow network', inState('buffering', { since: NOW, connection: slow }), /arriving slowly/, /Data saver/],
    ['reconnecting', inState('reconnecting'), /was interrupted/, /reconnects by itself/],
    ['retry in 8 s', inState('reconnecting', { retryAt: inSeconds(8) }), /interrupted/, /in 8 seconds/],
    ['retry in 1 s', inState('reconnecting', { retryAt: inSeconds(1) }), /interrupted/, /in 1 second\./],
    ['retry now', inState('reconnecting', { retryAt: inSeconds(-1) }), /interrupted/, /Trying again now/],
    [
      'offline',
      inState('reconnecting', { connection: offline }),
      /no internet connection/,
      /when it is back/,
    ],
    ['migrating', inState('migrating'), /another server/, /in a few seconds/],
    ['ended', inState('ended'), /show is over/, /Thank you/],
    ['not allowed', inState('not-allowed'), /Access/, /Open the show again/],
    ['platform out', inState('platform-out'), /not on your side/, /as soon as the fault is fixed/],
    ['platform out, retry', inState('platform-out', { retryAt: inSeconds(30) }), /fault/, /in 30 seconds/],
    ['Agora in 25 s', inState('use-agora', { agoraAt: inSeconds(25) }), /about to change/, /in 25 seconds/],
    ['Agora now', inState('use-agora', { agoraAt: NOW }), /now runs on Agora/, /Open this page again/],
    ['unsupported', inState('unsupported'), /browser cannot play/, /current version of Chrome/],
  ];
  test.each(rows)('%s', (_, snapshot, what, next) => {
    const { region } = showPlayer(snapshot);
    expect(text(region)).toMatch(what);
    expect(text(region)).toMatch(next);
  });

  test('every state but playing is covered above', () => {
    const covered = new Set(rows.map(([, { state }]) => state));
    expect(playerStates.filter((state) => !covered.has(state))).toEqual(['playing']);
  });

  test('nothing lies over a show that is playing', () => {
    expect(text(showPlayer(playing).region)).toBe('');
  });

  test('a spinner never turns without words', () => {
    for (const state of playerStates) {
      const { region, unmount } = showPlayer(inState(state));
      for (const spinner of region.querySelectorAll('.lc-spinner'))
        expect(spinner.parentElement?.textContent).toMatch(/\w+\./);
      unmount();
    }
  });

  test('the countdown goes on as time passes', async () => {
    let now = NOW;
    showPlayer(inState('reconnecting', { retryAt: inSeconds(8) }), { now: () => now });
    screen.getByText('Next attempt in 8 seconds.');
    now = inSeconds(5);
    await screen.findByText('Next attempt in 3 seconds.', {}, { timeout: 5_000 });
  });
});

describe('what a viewer can do', () => {
  test.each([
    ['reconnecting', 'Try again now', 'retry'],
    ['platform-out', 'Try again now', 'retry'],
    ['not-allowed', 'Try again now', 'retry'],
  ] as const)('%s: %s', async (state, label, command) => {
    const { user, player } = showPlayer(inState(state));
    await user.click(screen.getByRole('button', { name: label }));
    expect(player.calls).toEqual([[command]]);
  });

  test.each(['tap-to-play', 'paused'] as const)('%s: Play, in the middle and in the bar', async (state) => {
    const { user, player } = showPlayer(inState(state));
    for (const button of screen.getAllByRole('button', { name: 'Play' })) await user.click(button);
    expect(player.calls).toEqual([['play'], ['play']]);
  });

  test('a start that takes long can be tried again', async () => {
    const { user, player } = showPlayer(inState('connecting', { since: NOW - 20_000 }));
    await user.click(screen.getByRole('button', { name: 'Try again now' }));
    expect(player.calls).toEqual([['retry']]);
  });

  test('on a slow network data saver is one press away', async () => {
    const connection = { quality: 'poor', cause: 'slow-network' } as const;
    const { user, player } = showPlayer(inState('buffering', { since: NOW, connection }));
    await user.click(screen.getByRole('button', { name: 'Turn on data saver' }));
    expect(player.calls).toEqual([['setDataSaver', true]]);
  });

  test.each(['use-agora', 'unsupported'] as const)(
    '%s: watches on Agora where the app can',
    async (state) => {
      let used = 0;
      const { user } = showPlayer(inState(state, { agoraAt: NOW }), { onUseAgora: () => used++ });
      await user.click(screen.getByRole('button', { name: 'Watch on Agora' }));
      expect(used).toBe(1);
    },
  );

  test.each(['use-agora', 'unsupported'] as const)('%s: no button where the app cannot', (state) => {
    showPlayer(inState(state, { agoraAt: NOW }));
    expect(screen.queryByRole('button', { name: 'Watch on Agora' })).toBeNull();
  });

  test('a button that goes away leaves the focus in the player', async () => {
    const { user, change, region } = showPlayer(inState('reconnecting'));
    await user.click(screen.getByRole('button', { name: 'Try again now' }));
    change({ state: 'playing' });
    expect(document.activeElement).toBe(region);
  });
});
