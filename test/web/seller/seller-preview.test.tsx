import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { act, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { StrictMode } from 'react';
import { createSellerPreview } from '../../../src/web/seller/seller-preview.tsx';
import type { PreviewOptions } from '../../../src/web/seller/preview/preview-options.ts';
import { FakePlayer, inState, playing } from '../player/fake-player.ts';
import { showing } from './fake-seller.ts';

interface Opened {
  readonly options: PreviewOptions;
  readonly player: FakePlayer;
  isOpen: boolean;
}

let opened: Opened[];
let fails: boolean;
beforeEach(() => {
  opened = [];
  fails = false;
});
afterEach(() => {
  jest.restoreAllMocks();
});

const SellerPreview = createSellerPreview(
  async (options) => {
    if (fails) throw new Error('the code could not be loaded');
    const entry: Opened = { options, player: new FakePlayer(inState('connecting')), isOpen: true };
    opened.push(entry);
    return {
      player: entry.player,
      destroy: () => {
        entry.isOpen = false;
      },
    };
  },
  async () => showing.delivery,
);

async function show(): Promise<void> {
  render(
    <StrictMode>
      <SellerPreview channelId="4711" api="https://live.example.com" ticket="ticket" />
    </StrictMode>,
  );
  await screen.findByText('The preview costs as one more viewer on HLS: about $0.03 an hour.');
}

const open = (): readonly Opened[] => opened.filter(({ isOpen }) => isOpen);

test('nothing is loaded until the seller requests it, and its cost is said before', async () => {
  await show();
  expect(opened).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Show preview' }));
  await screen.findByText('The preview is loading.');
  const [preview] = open();
  expect(open()).toHaveLength(1);
  act(() => preview?.player.change(playing));
  screen.getByText('6 s behind the platform');
});

test('it stops when the seller hides it', async () => {
  await show();
  await userEvent.click(screen.getByRole('button', { name: 'Show preview' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Hide preview' }));
  expect(open()).toEqual([]);
  screen.getByRole('button', { name: 'Show preview' });
});

test('it stops when the page is hidden, and says so', async () => {
  await show();
  await userEvent.click(screen.getByRole('button', { name: 'Show preview' }));
  jest.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  act(() => {
    document.dispatchEvent(new Event('visibilitychange'));
  });
  expect(open()).toEqual([]);
  screen.getByText('The preview has stopped. It stopped because this page was hidden.');
});

test.each([
  ['waiting-for-host', 'There is no video for buyers at the moment.'],
  ['reconnecting', 'The preview is loading.'],
  ['unsupported', 'The preview cannot be played here.'],
] as const)('%s: %s', async (state, words) => {
  await show();
  await userEvent.click(screen.getByRole('button', { name: 'Show preview' }));
  act(() => opened.at(-1)?.player.change(inState(state)));
  screen.getByText(words);
});

test('where the browser requires a tap, one starts it', async () => {
  await show();
  await userEvent.click(screen.getByRole('button', { name: 'Show preview' }));
  const [preview] = open();
  act(() => preview?.player.change(inState('tap-to-play')));
  await userEvent.click(screen.getByRole('button', { name: 'Show preview' }));
  expect(preview?.player.calls).toEqual([['play']]);
});

test('code that cannot be loaded is said, and can be tried again', async () => {
  fails = true;
  await show();
  await userEvent.click(screen.getByRole('button', { name: 'Show preview' }));
  await screen.findByText('The preview cannot be played here.');
  fails = false;
  await userEvent.click(screen.getByRole('button', { name: 'Show preview' }));
  expect(open()).toHaveLength(1);
});
