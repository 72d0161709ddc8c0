import { beforeAll, describe, expect, test } from '@jest/globals';
import { screen } from '@testing-library/react';
import { layersOnDemand } from '../../../../src/web/player/ui/layers.ts';
import { playing } from '../fake-player.ts';
import { showPlayer, type ShownPlayer } from './show-player.tsx';

beforeAll(() => layersOnDemand.load());

const button = (name: RegExp | string): HTMLElement => screen.getByRole('button', { name });
const menuItems = (): HTMLElement[] => [
  ...screen.getByRole('menu').querySelectorAll<HTMLElement>('[role^=menuitem]'),
];
const focused = (): string => document.activeElement?.textContent ?? '';

async function openQuality(snapshot = playing): Promise<ShownPlayer> {
  const shown = showPlayer(snapshot);
  await shown.user.click(button(/^Quality/));
  return shown;
}

describe('the quality menu', () => {
  test('has Auto with the level in use, the levels of the playlist, and data saver', async () => {
    await openQuality();
    const items = menuItems().map(({ textContent }) => textContent);
    expect(items).toEqual(['✓Auto720p', '1080p4.5 Mbit/s', '720p2.5 Mbit/s', '480p1.2 Mbit/s', 'Data saver']);
    expect(screen.getByRole('menuitemradio', { checked: true }).textContent).toContain('Auto');
  });

  test.each([
    [{ ...playing.quality }, 'Quality: Auto 720p'],
    [{ ...playing.quality, playing: undefined }, 'Quality: Auto'],
    [{ ...playing.quality, choice: 480 }, 'Quality: 480p'],
    [{ ...playing.quality, options: [{ height: 720, kbps: undefined }] }, 'Quality: 720p'],
  ])('%j: the button says %s', (quality, name) => {
    showPlayer({ ...playing, quality });
    button(name);
  });

  test('a level is chosen, the menu closes, the focus returns to its button', async () => {
    const { user, player } = await openQuality();
    await user.click(screen.getByRole('menuitemradio', { name: /480p/ }));
    expect(player.calls).toEqual([['setQuality', 480]]);
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(button(/^Quality/));
  });

  test('data saver is switched, and the menu stays to show it', async () => {
    const { user, player, change } = await openQuality();
    await user.click(screen.getByRole('menuitemcheckbox', { name: 'Data saver' }));
    expect(player.calls).toEqual([['setDataSaver', true]]);
    change({ quality: { ...playing.quality, dataSaver: true } });
    screen.getByRole('menuitemcheckbox', { name: 'Data saver', checked: true });
  });

  test('one level: says so, and offers no choice', async () => {
    await openQuality({ ...playing, quality: { ...playing.quality, options: [{ height: 720, kbps: 1 }] } });
    screen.getByText('720p, as the seller sends it');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('dialog', { name: 'Quality' }));
  });

  test('no level known: no menu', () => {
    showPlayer({ ...playing, quality: { ...playing.quality, options: [] } });
    expect(screen.queryByRole('button', { name: /^Quality/ })).toBeNull();
  });

  test('says why the connection is not good', async () => {
    await openQuality({ ...playing, connection: { quality: 'poor', cause: 'stalls' } });
    screen.getByText('The video stopped a few times in the last minute.');
  });
});

describe('every menu', () => {
  test('the focus starts at what is chosen, and arrows, Home and End walk round', async () => {
    const { user } = await openQuality({ ...playing, quality: { ...playing.quality, choice: 720 } });
    expect(focused()).toContain('720p2.5');
    await user.keyboard('{ArrowDown}');
    expect(focused()).toContain('480p');
    await user.keyboard('{End}{ArrowDown}');
    expect(focused()).toContain('Auto');
    await user.keyboard('{ArrowUp}');
    expect(focused()).toContain('Data saver');
    await user.keyboard('{Home}');
    expect(focused()).toContain('Auto');
  });

  test('one item at a time can be reached by Tab', async () => {
    const { user } = await openQuality();
    await user.keyboard('{ArrowDown}');
    const reachable = menuItems().filter(({ tabIndex }) => tabIndex === 0);
    expect(reachable).toEqual([document.activeElement]);
  });

  test('Esc closes and returns the focus', async () => {
    const { user, player } = await openQuality();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(button(/^Quality/));
    expect(player.calls).toEqual([]);
  });

  test('Tab closes and goes on to the next control', async () => {
    const { user } = await openQuality();
    await user.tab();
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(button('Captions'));
  });

  test('a press elsewhere closes, and its button opens and closes', async () => {
    const { user } = await openQuality();
    expect(button(/^Quality/).getAttribute('aria-expanded')).toBe('true');
    await user.click(document.body);
    expect(screen.queryByRole('menu')).toBeNull();
    await user.click(button(/^Quality/));
    await user.click(button(/^Quality/));
    expect(screen.queryByRole('menu')).toBeNull();
  });

  test('the player’s keys mean nothing in a menu', async () => {
    const { user, player } = await openQuality();
    await user.keyboard('mkf');
    expect(player.calls).toEqual([]);
  });
});

describe('a report of a problem', () => {
  test.each([
    ['The video stops or is late', 'lag'],
    ['The video is blurred', 'quality'],
    ['The sound is missing or wrong', 'sound'],
    ['Something else', 'other'],
  ])('%s', async (label, kind) => {
    const { user, player, change } = showPlayer(playing);
    await user.click(button('More'));
    await user.click(screen.getByRole('menuitem', { name: 'Report a problem' }));
    await user.click(button(label));
    change({ canReport: false });
    expect(player.calls).toEqual([['report', kind]]);
    screen.getByText('Thank you. The report has been sent.');
    expect(document.activeElement).toBe(button('Close'));
    await user.click(button('Close'));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(button('More'));
  });

  test('cannot be sent while none is taken', async () => {
    const { user } = showPlayer({ ...playing, canReport: false });
    await user.click(button('More'));
    expect(screen.queryByRole('menuitem', { name: 'Report a problem' })).toBeNull();
  });
});
