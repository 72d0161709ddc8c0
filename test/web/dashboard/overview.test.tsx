/** @jest-environment ./test/web/dashboard/jsdom-with-streams.mjs */
import { describe, expect, test } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';
import { alertOf, channelOf, numbersOf } from './sample-data.ts';
import { showDashboard } from './show-dashboard.tsx';
import { FakePageService } from './fake-page-service.ts';
import { Refusal } from './fake-service.ts';

const card = async (name: string): Promise<HTMLElement> => screen.findByRole('region', { name });
const rowOf = (id: string): HTMLElement => {
  const row = screen.getByRole('link', { name: id }).closest<HTMLElement>('[role=row]');
  if (row === null) throw new Error(`${id} is in no row`);
  return row;
};
const ids = (): string[] =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getByRole('link').textContent);

describe('figures of all channels', () => {
  test('say how many are on air, who watches, what it costs and what is saved', async () => {
    showDashboard();
    expect((await card('On air')).textContent).toContain('2of 4 channels that should be');
    expect((await card('Viewers')).textContent).toContain('760');
    expect((await card('Cost per hour now')).textContent).toContain('$12.40');
    expect((await card('Cost per hour now')).textContent).toContain('Agora alone: $96.10');
    expect((await card('Saved per hour')).textContent).toContain('$83.70');
    expect((await card('Saved per hour')).textContent).toContain('87.1%');
    expect((await card('Open alerts')).textContent).toContain('1 critical');
  });

  test('mark a lower bound, and never show 0 for what is unknown', async () => {
    const service = new FakePageService();
    const unknown = { perHourUsd: null, agoraAlonePerHourUsd: null, savedPerHourUsd: null, unknown: 2 };
    const before = service.answers['overview'];
    service.answers['overview'] = (input) => ({
      ...Object(before?.(input)),
      viewers: { agora: null, hls: 5, unknown: 1 },
      costs: unknown,
    });
    showDashboard('/dashboard', service);
    const viewers = await card('Viewers');
    expect(viewers.textContent).toContain('at least 5');
    expect(viewers.textContent).toContain('Agora–unknown');
    expect(viewers.textContent).toContain('Not included: unknown viewers of 1 channel.');
    expect((await card('Cost per hour now')).textContent).not.toContain('$');
  });
});

describe('the table of channels', () => {
  test('shows every channel in the state that it is in', async () => {
    const { service, after } = showDashboard();
    await screen.findByRole('table', { name: 'Channels' });
    await after(() => service.sendNumbers());
    expect(within(rowOf('autumn-sale')).getByText('On air')).toBeTruthy();
    expect(within(rowOf('kitchen-tour')).getByText('Waiting for host')).toBeTruthy();
    expect(within(rowOf('toy-fair')).getByText('Failing')).toBeTruthy();
    expect(await within(rowOf('toy-fair')).findByText('1 open alert')).toBeTruthy();
    expect(within(rowOf('garden-talk')).getByText('Idle')).toBeTruthy();
  });

  test('follows status, numbers, alerts and ends as they arrive', async () => {
    const { service, after } = showDashboard();
    await screen.findByRole('link', { name: 'night-market' });
    await after(() => {
      service.send(
        { type: 'status', id: '5.1', channel: channelOf('night-market') },
        { type: 'ended', id: '5.2', channelId: 'book-club' },
        { type: 'alert', id: '5.2', alert: alertOf('9', { channelId: 'autumn-sale' }) },
      );
      service.sendNumbers([numbersOf('night-market', { hlsViewers: 12_345, agoraViewers: null })]);
    });
    await waitFor(() => expect(within(rowOf('night-market')).getByText('12,345')).toBeTruthy());
    const row = within(rowOf('night-market'));
    expect(row.getByText('On air')).toBeTruthy();
    expect(row.getByText('unknown')).toBeTruthy();
    expect(screen.queryByRole('link', { name: 'book-club' })).toBeNull();
    expect(within(rowOf('autumn-sale')).getByText('1 open alert')).toBeTruthy();
  });

  test('is filtered by text and by state, and the address can be passed on', async () => {
    const { user, history } = showDashboard();
    await user.type(await screen.findByRole('searchbox'), 'gold');
    expect(ids()).toEqual(['autumn-sale']);
    expect(screen.getByText('1 of 7 channels')).toBeTruthy();
    await waitFor(() => expect(history.location.search).toBe('?q=gold'));
    await user.click(screen.getByRole('button', { name: 'Clear filters' }));
    expect(ids()).toHaveLength(7);
    await user.click(screen.getByRole('button', { name: /State/, expanded: false }));
    await user.click(screen.getByRole('option', { name: 'Idle' }));
    expect(ids()).toEqual(['garden-talk']);
    await waitFor(() => expect(history.location.search).toBe('?state=idle'));
  });

  test('opens with the filters of a link, and ignores what is not valid in it', async () => {
    showDashboard('/dashboard?platform=mux-main&state=nonsense&sort=id&desc=true');
    await screen.findByRole('link', { name: 'toy-fair' });
    expect(ids()).toEqual(['toy-fair', 'kitchen-tour']);
    expect(screen.getByRole('columnheader', { name: 'Channel' }).ariaSort ?? '').toBe('descending');
  });

  test('is sorted by a press on the head of a column', async () => {
    const { user, service, after } = showDashboard();
    await screen.findByRole('link', { name: 'toy-fair' });
    await after(() =>
      service.sendNumbers([
        numbersOf('shoes-live', { hlsViewers: 900 }),
        numbersOf('autumn-sale', { hlsViewers: 3 }),
      ]),
    );
    await waitFor(() => expect(ids().slice(0, 2)).toEqual(['shoes-live', 'autumn-sale']));
    await user.click(screen.getByRole('button', { name: 'HLS viewers' }));
    // What is unknown stays last.
    expect(ids().slice(0, 2)).toEqual(['autumn-sale', 'shoes-live']);
  });

  test('of 500 channels renders those that can be seen, and says how many there are', async () => {
    const service = new FakePageService();
    service.channels = Array.from({ length: 500 }, (_, index) => channelOf(`show-${index}`));
    showDashboard('/dashboard', service);
    const table = await screen.findByRole('table', { name: 'Channels' });
    expect(table.getAttribute('aria-rowcount')).toBe('501');
    const rows = within(table).getAllByRole('row');
    expect(rows.length).toBeLessThan(60);
    expect(rows[1]?.getAttribute('aria-rowindex')).toBe('2');
  });
});

describe('without data', () => {
  test('the first run says how a channel comes to be', async () => {
    const service = new FakePageService();
    service.channels = [];
    showDashboard('/dashboard', service);
    expect(await screen.findByRole('heading', { name: 'There are no channels yet' })).toBeTruthy();
    expect(screen.queryByRole('table')).toBeNull();
  });

  test('a filter that matches nothing says so', async () => {
    const { user } = showDashboard();
    await user.type(await screen.findByRole('searchbox'), 'nothing like it');
    expect(screen.getByText('No channel matches the filters.')).toBeTruthy();
  });

  test('a refusal of the service is shown in its words, and can be tried again', async () => {
    const service = new FakePageService();
    const before = service.answers['channels.list'];
    service.answers['channels.list'] = () => {
      throw new Refusal(403, 'Scope operate is required.');
    };
    const { user } = showDashboard('/dashboard', service);
    expect(await screen.findByText('Scope operate is required.')).toBeTruthy();
    if (before !== undefined) service.answers['channels.list'] = before;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('link', { name: 'autumn-sale' })).toBeTruthy();
  });
});
