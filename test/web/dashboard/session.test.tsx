/** @jest-environment ./test/web/dashboard/jsdom-with-streams.mjs */
import { describe, expect, test } from '@jest/globals';
import { screen, waitFor } from '@testing-library/react';
import { FakePageService } from './fake-page-service.ts';
import { showDashboard } from './show-dashboard.tsx';

const signedOut = (): FakePageService => {
  const service = new FakePageService();
  service.session = undefined;
  return service;
};

describe('login', () => {
  test('takes an API key, and leads to the page of the address', async () => {
    const service = signedOut();
    const { user } = showDashboard('/dashboard/channels/toy-fair', service);
    await user.type(await screen.findByLabelText('API key'), 'lck_right');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByRole('heading', { name: 'toy-fair' })).toBeTruthy();
  });

  test('keeps no key in the page: neither a wrong one in the field, nor any in storage', async () => {
    const { user } = showDashboard('/dashboard', signedOut());
    const field = await screen.findByLabelText<HTMLInputElement>('API key');
    expect(field.type).toBe('password');
    await user.type(field, 'lck_wrong');
    await user.keyboard('{Enter}');
    expect(await screen.findByText('This key is wrong, expired or revoked.')).toBeTruthy();
    expect(field.value).toBe('');
    expect(document.documentElement.outerHTML).not.toContain('lck_wrong');
    expect(localStorage).toHaveLength(0);
    expect(sessionStorage).toHaveLength(0);
  });

  test('through the organization is a link, and no form', async () => {
    showDashboard('/dashboard', signedOut());
    const link = await screen.findByRole('link', { name: 'Sign in with your organization' });
    expect(link.getAttribute('href')).toBe('/login/oidc');
    expect(link.closest('form')).toBeNull();
  });

  test('offers the organization only where it is set up', async () => {
    const service = signedOut();
    service.loginMethods = ['api-key'];
    showDashboard('/dashboard', service);
    await screen.findByLabelText('API key');
    expect(screen.queryByRole('link', { name: 'Sign in with your organization' })).toBeNull();
  });

  test('says what to set where it is not set up', async () => {
    const service = signedOut();
    service.loginMethods = [];
    showDashboard('/dashboard', service);
    expect(await screen.findByText('Login is not set up. Set the keys of sessions.')).toBeTruthy();
  });

  test('is not shown while the service cannot be reached', async () => {
    const service = signedOut();
    service.online = false;
    showDashboard('/dashboard', service);
    expect(await screen.findByText(/The service does not answer/, {}, { timeout: 10_000 })).toBeTruthy();
    expect(screen.queryByLabelText('API key')).toBeNull();
  });
});

describe('the end of a session', () => {
  test('by logout ends the stream, and forgets what was read', async () => {
    const { user, service } = showDashboard();
    await screen.findByRole('link', { name: 'autumn-sale' });
    const { stream } = service;
    await user.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(await screen.findByLabelText('API key')).toBeTruthy();
    expect(stream.readyState).toBe(stream.CLOSED);
    expect(document.body.textContent).not.toContain('autumn-sale');
  });

  test('by the service shows the login, and the same page after it', async () => {
    const { user, service, after, history } = showDashboard('/dashboard?state=idle');
    await screen.findByRole('link', { name: 'garden-talk' });
    await after(() => {
      service.session = undefined;
      service.stream.fail(true);
    });
    expect(await screen.findByText(/You are signed out/)).toBeTruthy();
    await user.type(screen.getByLabelText('API key'), 'lck_right{Enter}');
    expect(await screen.findByRole('link', { name: 'garden-talk' })).toBeTruthy();
    expect(history.location.search).toBe('?state=idle');
  });
});

test('an address that leads nowhere says so', async () => {
  showDashboard('/dashboard/nowhere');
  await waitFor(() => expect(screen.getByRole('heading', { name: 'There is no such page.' })).toBeTruthy());
});
