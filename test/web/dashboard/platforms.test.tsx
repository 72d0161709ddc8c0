/** @jest-environment ./test/web/dashboard/jsdom-with-streams.mjs */
import { expect, test } from '@jest/globals';
import { screen, within } from '@testing-library/react';
import { FakePageService } from './fake-page-service.ts';
import { showDashboard } from './show-dashboard.tsx';

const open = async (service = new FakePageService()) => {
  const shown = showDashboard('/dashboard/platforms', service);
  await screen.findByRole('heading', { name: 'Platforms' });
  return shown;
};
const platform = (name: string): Promise<HTMLElement> => screen.findByRole('region', { name });

test('a platform that is not ready is first, with the reason in words and what to do', async () => {
  await open();
  const mux = await platform('mux-main');
  expect(screen.getAllByRole('heading', { level: 2 })[0]?.textContent).toBe('mux-main');
  expect(mux.textContent).toContain('Not ready');
  expect(mux.textContent).toContain('The platform rejected the credentials. CredentialsRejected');
  expect(mux.textContent).toContain('Mux answered 401 to the token of Secret livechannel-system/mux.');
  expect(mux.textContent).toContain('Correct the Secret');
  expect(mux.textContent).toContain('Counted before Nov 30, 11:40:00');
});

test('names the provider and the default, and counts streams against the quota', async () => {
  await open();
  const ivs = await platform('ivs-eu');
  expect(ivs.textContent).toContain('Amazon IVS');
  expect(within(ivs).getByText('Default')).toBeTruthy();
  expect(ivs.textContent).toContain('3 of 10');
  expect(within(ivs).getByRole('meter').getAttribute('aria-valuenow')).toBe('3');
  expect(within(await platform('mux-main')).queryByText('Default')).toBeNull();
});

test('a full platform and orphaned streams say what to do', async () => {
  await open();
  const full = await platform('stream-us');
  expect(full.textContent).toContain('20 of 20');
  expect(full.textContent).toContain('Full: further channels wait');
  expect(full.textContent).toContain('Run the audit; delete them');
});

test('what was never counted is unknown, and not 0', async () => {
  await open();
  const lab = await platform('lab');
  expect(within(lab).getAllByText('unknown')).toHaveLength(2);
  expect(within(lab).queryByRole('meter')).toBeNull();
  expect(lab.textContent).toContain('No channel is on it.');
});

test('leads to the channels that are on a platform', async () => {
  const { user, history } = await open();
  const link = within(await platform('mux-main')).getByRole('link', { name: '2 channels on it' });
  await user.click(link);
  expect(await screen.findByRole('link', { name: 'kitchen-tour' })).toBeTruthy();
  expect(screen.queryByRole('link', { name: 'autumn-sale' })).toBeNull();
  expect(history.location.href).toBe('/dashboard/?platform=mux-main');
});

test('says how to begin while there is none', async () => {
  const service = new FakePageService();
  service.answers['platforms'] = () => [];
  await open(service);
  expect(await screen.findByText(/There is no StreamingPlatform yet/)).toBeTruthy();
});

test('a reason and a provider that a newer service has are shown as they are', async () => {
  const service = new FakePageService();
  service.answers['platforms'] = () => [
    {
      name: 'next',
      provider: 'warp',
      isDefault: false,
      ready: false,
      reason: 'WarpDriveFailed',
      message: 'The drive failed.',
      channels: 0,
      capabilities: { rotateKey: true },
      quota: { used: 0, limit: 0, orphans: 0, staleSince: null },
    },
  ];
  await open(service);
  const next = await platform('next');
  expect(next.textContent).toContain('warp');
  expect(next.textContent).toContain('WarpDriveFailed');
  expect(next.textContent).toContain('The drive failed.');
  // A limit of 0 admits no channel.
  expect(next.textContent).toContain('Full:');
});
