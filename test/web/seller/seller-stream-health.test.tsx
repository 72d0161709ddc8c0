import { beforeEach, expect, test } from '@jest/globals';
import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { StrictMode } from 'react';
import type { AgoraFigures } from '../../../src/web/seller/core/snapshot.ts';
import {
  createSellerStreamHealth,
  type OpenedSeller,
  type OpenSeller,
} from '../../../src/web/seller/seller-stream-health.tsx';
import { fillDomGaps } from '../player/ui/dom-gaps.ts';
import { FakeSeller } from './fake-seller.ts';

class OpenedFake extends FakeSeller implements OpenedSeller {
  readonly options: Parameters<OpenSeller>[0];
  readonly figures: unknown[] = [];
  isOpen = true;

  constructor(options: Parameters<OpenSeller>[0]) {
    super();
    this.options = options;
  }

  setAgora(figures: AgoraFigures | undefined): void {
    this.figures.push(figures);
  }

  destroy(): void {
    this.isOpen = false;
  }
}

let opened: OpenedFake[];
beforeEach(() => {
  fillDomGaps();
  opened = [];
});

const SellerStreamHealth = createSellerStreamHealth((options) => {
  const seller = new OpenedFake(options);
  opened.push(seller);
  return seller;
});
const channel = { channelId: '4711', api: 'https://live.example.com' } as const;

function running(): OpenedFake {
  const [only, ...others] = opened.filter(({ isOpen }) => isOpen);
  if (only === undefined || others.length > 0) throw new Error('not one session is open');
  return only;
}

test('one session is open in strict mode, and none after the component has gone', async () => {
  const { unmount } = render(
    <StrictMode>
      <SellerStreamHealth {...channel} ticket="ticket-1" title="Autumn sale" />
    </StrictMode>,
  );
  expect(running().options).toMatchObject(channel);
  screen.getByRole('region', { name: 'Autumn sale' });
  screen.getByText('Buyers see and hear you well.');
  unmount();
  expect(opened.filter(({ isOpen }) => isOpen)).toEqual([]);
});

test('the newest ticket of the app is used, without another session', async () => {
  const { rerender } = render(<SellerStreamHealth {...channel} ticket="ticket-1" />);
  rerender(<SellerStreamHealth {...channel} ticket={() => 'ticket-2'} />);
  expect(opened).toHaveLength(1);
  expect(await running().options.ticket()).toBe('ticket-2');
});

test('another channel is another session', () => {
  const { rerender } = render(<SellerStreamHealth {...channel} ticket="ticket" />);
  rerender(<SellerStreamHealth {...channel} channelId="4712" ticket="ticket" />);
  expect(running().options.channelId).toBe('4712');
});

test("the app's figures and what the seller does reach the session", async () => {
  const figures = { uplinkQuality: 4, at: 1 };
  render(<SellerStreamHealth {...channel} ticket="ticket" agora={figures} />);
  expect(running().figures.at(-1)).toBe(figures);
  await userEvent.click(screen.getByRole('button', { name: 'Use HLS' }));
  await userEvent.click(screen.getByRole('button', { name: 'Change to HLS' }));
  expect(running().calls).toEqual([['setMode', 'hls-only']]);
});
