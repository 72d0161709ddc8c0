/** @jest-environment ./test/web/dashboard/jsdom-with-streams.mjs */
import { describe, expect, test } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';
import { FakePageService } from './fake-page-service.ts';
import { Refusal } from './fake-service.ts';
import { showDashboard } from './show-dashboard.tsx';

const SECRET = 'lc_new1_the-secret';

const open = async (service = new FakePageService()) => {
  const shown = showDashboard('/dashboard/api-keys', service);
  await screen.findByRole('heading', { name: 'API keys' });
  await screen.findByRole('button', { name: 'Create API key' });
  return shown;
};
const row = (name: string): HTMLElement => {
  const found = screen.getByRole('rowheader', { name: new RegExp(`^${name}`) }).closest('tr');
  if (found === null) throw new Error(`${name} is in no row`);
  return found;
};

describe('the list of keys', () => {
  test('has scope, creation, last use, expiry and state, those that ended apart', async () => {
    await open();
    const inUse = screen.getByRole('region', { name: 'Keys in use' });
    expect(
      within(inUse)
        .getAllByRole('rowheader')
        .map(({ textContent }) => textContent),
    ).toEqual(['annoperations', 'shop-backend3fK9sLq0XbTz', 'trial7Qw2']);
    expect(row('ann').textContent).toContain('adminNov 29, 2026, 08:13:20Nov 30, 2026, 11:59:00');
    expect(row('shop-backend').textContent).toContain('NeverIn use');
    expect(row('trial').textContent).toContain('Expires soon');
    const ended = screen.getByRole('region', { name: 'Expired and revoked keys' });
    expect(ended.textContent).toContain('Expired');
    expect(ended.textContent).toContain('Revoked Nov 23, 2026, 12:00:00');
    expect(within(ended).queryByRole('button')).toBeNull();
  });

  test('leads to what a key has done', async () => {
    const { user, history } = await open();
    await user.click(screen.getByRole('link', { name: 'Entries of key shop-backend in the audit log' }));
    await screen.findByRole('heading', { name: 'Audit log' });
    expect(history.location.search).toBe('?actor=api-key%3A3fK9sLq0XbTz&whole=true');
  });
});

describe('a new key', () => {
  const create = async (user: Awaited<ReturnType<typeof open>>['user']): Promise<void> => {
    await user.click(screen.getByRole('button', { name: 'Create API key' }));
    await user.type(screen.getByLabelText('Name'), 'desk');
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    await screen.findByRole('alertdialog', { name: 'Key desk was created' });
  };

  test('is shown once, can be copied, and is in the list', async () => {
    const { user, service } = await open();
    await create(user);
    expect(service.changes).toEqual([
      'apiKeys.create: {"name":"desk","scope":"operate","expiresInSeconds":7776000}',
    ]);
    expect(screen.getByLabelText<HTMLInputElement>('API key').value).toBe(SECRET);
    await user.click(screen.getByRole('button', { name: 'Copy' }));
    expect(await screen.findByText('Copied')).toBeTruthy();
    expect(await navigator.clipboard.readText()).toBe(SECRET);
    await user.click(screen.getByRole('button', { name: 'I have stored the key' }));
    await waitFor(() => expect(row('desk')).toBeTruthy());
  });

  test('is not lost by a stray key, and nothing of it remains in the page', async () => {
    const { user } = await open();
    await create(user);
    await user.keyboard('{Escape}');
    expect(screen.getByLabelText<HTMLInputElement>('API key').value).toBe(SECRET);
    await user.click(screen.getByRole('button', { name: 'I have stored the key' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(document.documentElement.outerHTML).not.toContain(SECRET);
    expect([...document.querySelectorAll('input')].map(({ value }) => value)).not.toContain(SECRET);
    expect(localStorage).toHaveLength(0);
    expect(sessionStorage).toHaveLength(0);
    // Opened again, it begins from nothing.
    await user.click(screen.getByRole('button', { name: 'Create API key' }));
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('');
  });

  test('has the scope and the expiry that were chosen, each with its meaning', async () => {
    const { user, service } = await open();
    await user.click(screen.getByRole('button', { name: 'Create API key' }));
    await user.type(screen.getByLabelText('Name'), 'audit bot');
    await user.click(screen.getByRole('button', { name: /Scope/ }));
    await user.click(screen.getByRole('option', { name: 'admin' }));
    expect(screen.getByText(/Everything, including costs/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /Expiry/ }));
    await user.click(screen.getByRole('option', { name: 'Never' }));
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    await screen.findByRole('alertdialog', { name: 'Key audit bot was created' });
    expect(service.changes).toEqual(['apiKeys.create: {"name":"audit bot","scope":"admin"}']);
  });

  test('requires a name', async () => {
    const { user, service } = await open();
    await user.click(screen.getByRole('button', { name: 'Create API key' }));
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    expect(await screen.findByText('Enter 1 to 100 characters on one line.')).toBeTruthy();
    expect(service.changes).toEqual([]);
  });

  test('that the service refuses says why, and keeps what was entered', async () => {
    const service = new FakePageService();
    service.answers['apiKeys.create'] = () => {
      throw new Refusal(503, 'The database is not available.');
    };
    const { user } = await open(service);
    await user.click(screen.getByRole('button', { name: 'Create API key' }));
    await user.type(screen.getByLabelText('Name'), 'desk');
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    expect((await screen.findByRole('alert')).textContent).toContain('The database is not available.');
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('desk');
  });
});

describe('a key', () => {
  test('is revoked when that is confirmed, and is then among those that ended', async () => {
    const { user, service } = await open();
    await user.click(screen.getByRole('button', { name: 'Revoke key shop-backend' }));
    const dialog = screen.getByRole('alertdialog', { name: 'Revoke API key shop-backend?' });
    expect(dialog.textContent).toContain('It was last used Nov 30, 2026, 11:59:00.');
    expect(dialog.textContent).not.toContain('you will be signed out');
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    expect(service.changes).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Revoke key shop-backend' }));
    await user.click(screen.getByRole('button', { name: 'Revoke key' }));
    await waitFor(() =>
      expect(screen.getByRole('region', { name: 'Expired and revoked keys' }).textContent).toContain(
        'shop-backend',
      ),
    );
    expect(service.changes).toEqual(['apiKeys.revoke: {"id":"3fK9sLq0XbTz"}']);
    expect(screen.queryByRole('alertdialog')).toBeNull();
  });

  test('of the session itself says so', async () => {
    const { user } = await open();
    await user.click(screen.getByRole('button', { name: 'Revoke key ann' }));
    expect(screen.getByRole('alertdialog').textContent).toContain('you will be signed out');
  });
});
