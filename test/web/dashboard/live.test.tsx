/** @jest-environment ./test/web/dashboard/jsdom-with-streams.mjs */
import { describe, expect, test } from '@jest/globals';
import { screen, waitFor } from '@testing-library/react';
import { NOW, channelOf } from './sample-data.ts';
import { showDashboard } from './show-dashboard.tsx';

describe('the stream of events', () => {
  test('is one for all components of the page', async () => {
    const { service, user } = showDashboard();
    await user.click(await screen.findByRole('link', { name: 'autumn-sale' }));
    await screen.findByRole('group', { name: 'Actions' });
    await user.click(screen.getByRole('link', { name: 'Alerts' }));
    await screen.findByRole('heading', { name: 'Open alerts' });
    expect(service.streams).toHaveLength(1);
  });

  test('resumes after the last event when it ended', async () => {
    const { service, after } = showDashboard();
    await screen.findByRole('link', { name: 'autumn-sale' });
    await after(() => service.send({ type: 'status', id: '77.1', channel: channelOf('autumn-sale') }));
    await after(() => service.stream.fail(true));
    await waitFor(() => expect(service.streams).toHaveLength(2));
    expect(decodeURIComponent(service.stream.url)).toContain('"lastEventId":"77.1"');
  });

  test('that is interrupted is said, keeps the values, and reads again what may have been missed', async () => {
    const { service, after } = showDashboard();
    await screen.findByRole('link', { name: 'autumn-sale' });
    await after(() => service.stream.fail());
    expect(await screen.findByText(/The live connection is interrupted/)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'autumn-sale' })).toBeTruthy();
    service.channels = [...service.channels, channelOf('created-meanwhile')];
    await after(() => service.stream.open());
    expect(await screen.findByRole('link', { name: 'created-meanwhile' })).toBeTruthy();
    expect(screen.queryByText(/The live connection is interrupted/)).toBeNull();
  });
});

test('the age of the numbers is shown, and after 10 s they are marked as old', async () => {
  const { service, after, time } = showDashboard();
  await screen.findByRole('link', { name: 'autumn-sale' });
  await after(() => service.sendNumbers());
  await waitFor(() => expect(screen.getByText('Live, now')).toBeTruthy());
  time.now = NOW + 4_000;
  await waitFor(() => expect(screen.getByText('Live, 4 s ago')).toBeTruthy());
  expect(screen.getByRole('main').dataset['stale']).toBe('false');
  time.now = NOW + 12_000;
  await waitFor(() => expect(screen.getByRole('main').dataset['stale']).toBe('true'));
  // The banner has a timer of its own.
  expect(await screen.findByText(/The numbers are 10 s old/)).toBeTruthy();
});
