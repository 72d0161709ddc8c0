import { describe, expect, test } from '@jest/globals';
import { fireEvent, screen } from '@testing-library/react';
import type { PlayerSnapshot } from '../../../../src/web/player/core/snapshot.ts';
import type { Call } from '../fake-player.ts';
import { inState, playing } from '../fake-player.ts';
import { showPlayer } from './show-player.tsx';

describe('buttons', () => {
  const rows: readonly (readonly [string, Partial<PlayerSnapshot>, Call])[] = [
    ['Pause', {}, ['pause']],
    ['Mute', {}, ['setMuted', true]],
    ['Unmute', { muted: true }, ['setMuted', false]],
    ['Tap for sound', { muted: true }, ['setMuted', false]],
    ['Captions', {}, ['setCaptions', true]],
    ['Captions', { captions: { available: true, on: true } }, ['setCaptions', false]],
    ['Picture-in-picture', {}, ['setPictureInPicture', true]],
    ['AirPlay', {}, ['showAirPlayMenu']],
    ['Full screen', {}, ['setFullScreen', true]],
    ['Leave full screen', { fullScreen: { available: true, on: true } }, ['setFullScreen', false]],
  ];
  test.each(rows)('%s %j', async (name, change, call) => {
    const { user, player } = showPlayer({ ...playing, ...change });
    await user.click(screen.getByRole('button', { name }));
    expect(player.calls).toEqual([call]);
  });

  test('what the browser does not offer is not there', () => {
    const none = { available: false, on: false };
    showPlayer({
      ...playing,
      volumeSettable: false,
      captions: none,
      pictureInPicture: none,
      airPlay: none,
      fullScreen: none,
    });
    for (const name of ['Captions', 'Picture-in-picture', 'AirPlay', 'Full screen'])
      expect(screen.queryByRole('button', { name })).toBeNull();
    expect(screen.queryByRole('slider')).toBeNull();
  });

  test.each(['ended', 'not-allowed', 'unsupported'] as const)(
    '%s: nothing to play, pause or hear',
    (state) => {
      showPlayer(inState(state));
      for (const name of ['Play', 'Pause', 'Mute']) expect(screen.queryByRole('button', { name })).toBeNull();
      screen.getByRole('button', { name: 'More' });
    },
  );

  test('a mouse press on the video pauses, a finger does not', () => {
    const { region, player } = showPlayer(playing);
    const video = region.querySelector('video') ?? region;
    press(video, 'touch');
    expect(player.calls).toEqual([]);
    press(video, 'mouse');
    expect(player.calls).toEqual([['pause']]);
  });
});

/** jsdom has no PointerEvent with a pointerType of its own. */
function press(element: Element, pointerType: string): void {
  const event = new MouseEvent('pointerup', { bubbles: true, button: 0 });
  Object.defineProperty(event, 'pointerType', { value: pointerType });
  fireEvent(element, event);
}

describe('sound', () => {
  test('the offer of sound goes once the viewer has muted by choice', async () => {
    const { user, change } = showPlayer(playing);
    await user.click(screen.getByRole('button', { name: 'Mute' }));
    change({ muted: true });
    expect(screen.queryByRole('button', { name: 'Tap for sound' })).toBeNull();
  });

  test('the slider sets the volume, and ends muting', () => {
    const { player } = showPlayer({ ...playing, muted: true });
    const slider = screen.getByRole('slider', { name: 'Volume' });
    expect(slider.getAttribute('aria-valuetext')).toBe('0%');
    fireEvent.change(slider, { target: { value: '0.4' } });
    expect(player.calls).toEqual([
      ['setVolume', 0.4],
      ['setMuted', false],
    ]);
  });
});

describe('the live badge', () => {
  test.each([
    [{ behindSeconds: 6, atEdge: true }, 'LIVE6 s behind'],
    [{ behindSeconds: undefined, atEdge: true }, 'LIVE'],
    [{ behindSeconds: 34, atEdge: false }, '34 s behind'],
    [{ behindSeconds: 151, atEdge: false }, '2 min behind'],
    [{ behindSeconds: undefined, atEdge: false }, 'Behind live'],
  ])('%j', async (latency, text) => {
    const { user, player, region } = showPlayer({ ...playing, latency });
    const badge = region.querySelector('.lc-live') ?? region;
    expect(badge.textContent).toBe(text);
    await user.click(badge);
    expect(player.calls).toEqual([['goLive']]);
  });

  test.each(['connecting', 'waiting-for-host', 'reconnecting', 'ended', 'platform-out'] as const)(
    '%s: no badge, for nothing is live',
    (state) => {
      expect(showPlayer(inState(state)).region.querySelector('.lc-live')).toBeNull();
    },
  );
});

describe('the connection in words', () => {
  test.each([
    ['good', undefined, 'Good connection', null],
    ['poor', 'slow-network', 'Poor connection', 'The network is slow at the moment.'],
    ['fair', 'dropped-frames', 'Fair connection', 'This device is too busy to show every frame.'],
  ] as const)('%s', (quality, cause, words, why) => {
    const { region } = showPlayer({ ...playing, connection: { quality, cause } });
    expect(screen.getByText(words)).toBeDefined();
    expect(region.querySelector('.lc-connection')?.getAttribute('title')).toBe(why);
  });

  test('nothing while it is unknown', () => {
    const connection = { quality: 'unknown', cause: undefined } as const;
    expect(showPlayer({ ...playing, connection }).region.querySelector('.lc-connection')).toBeNull();
  });
});
