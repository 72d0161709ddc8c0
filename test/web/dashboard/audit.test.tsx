/** @jest-environment ./test/web/dashboard/jsdom-with-streams.mjs */
import { describe, expect, test } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';
import { actorOf } from '../../../src/web/dashboard/audit/actor.ts';
import { detailText } from '../../../src/web/dashboard/audit/detail-text.ts';
import { isoTimeOf, localTimeOf } from '../../../src/web/dashboard/audit/local-time.ts';
import { FakePageService } from './fake-page-service.ts';
import { Refusal } from './fake-service.ts';
import { atSecond, auditEntryOf } from './sample-data.ts';
import { showDashboard } from './show-dashboard.tsx';

const open = async (search = '', service = new FakePageService()) => {
  const shown = showDashboard(`/dashboard/audit${search}`, service);
  await screen.findByRole('heading', { name: 'Audit log' });
  return shown;
};
/** The entries, each as text. Rows have no names to search by, and a search by roles is slow in jsdom. */
const rows = async (): Promise<readonly string[]> => {
  const table = await screen.findByRole<HTMLTableElement>('table');
  return [...(table.tBodies[0]?.rows ?? [])].map(({ textContent }) => textContent);
};

describe('the audit log', () => {
  test('says who did what, when, from where, on which channel, and with which outcome', async () => {
    await open();
    await screen.findByText('ann');
    expect(await rows()).toEqual([
      expect.stringMatching(
        /Nov 30, 2026, 12:00:00annAPI keyfrom 203.0.113.7Change settingsstreamMode: agora-only, maxVideoBitrateKbps: 2500autumn-saleDoneRequest req-100/,
      ),
      expect.stringMatching(/user-4711Your organizationfrom 203.0.113.7Stop relaytoy-fairDone/),
      expect.stringMatching(
        /shop-backendAPI keyfrom 203.0.113.7Rotate stream keybook-clubRefused: cannot-rotate-key/,
      ),
      expect.stringMatching(/Not signed infrom 2001:db8::1fSign inmethod: api-keyRefused: not-authenticated/),
      expect.stringMatching(/Agora notificationStart relay/),
      expect.stringMatching(/Command lineCreate API key \(command line\)/),
    ]);
  });

  test('has filters in the address, and shows them in the fields', async () => {
    const { history } = await open('?actor=api-key:3fK9sLq0XbTz&action=rotateStreamKey');
    expect(await rows()).toEqual([expect.stringContaining('book-club')]);
    expect(screen.getByLabelText<HTMLInputElement>('Caller').value).toBe('api-key:3fK9sLq0XbTz');
    expect(history.location.pathname).toBe('/dashboard/audit');
  });

  test('is filtered by channel, action and time together', async () => {
    const { user, history } = await open();
    await rows();
    await user.type(screen.getByLabelText('Channel'), 'Autumn');
    await user.click(screen.getByRole('button', { name: /Action/ }));
    await user.click(screen.getByRole('option', { name: 'Start relay' }));
    const from = localTimeOf(atSecond(-3_600));
    await user.type(screen.getByLabelText('From'), from);
    await user.click(screen.getByRole('button', { name: 'Show entries' }));
    await waitFor(async () => expect(await rows()).toEqual([expect.stringContaining('Agora notification')]));
    expect(new URLSearchParams(history.location.search).get('from')).toBe(atSecond(-3_600));
    await user.click(screen.getByRole('button', { name: 'Clear filters' }));
    await waitFor(async () => expect(await rows()).toHaveLength(6));
    expect(history.location.search).toBe('');
  });

  test('finds a caller by the beginning of its name, and a link only what it names', async () => {
    const service = new FakePageService();
    service.audit = [
      auditEntryOf(3, { channelId: 'show-1', subject: 'oidc:https://login.example#alice' }),
      auditEntryOf(2, { channelId: 'show-10', subject: 'ticket:seller:alina' }),
      auditEntryOf(1, { channelId: 'show-2', subject: 'command-line' }),
    ];
    const { user } = await open('?channel=show-1&whole=true', service);
    expect(await rows()).toHaveLength(1);
    await user.click(screen.getByRole('button', { name: 'Show entries' }));
    await waitFor(async () => expect(await rows()).toHaveLength(2));
    await user.clear(screen.getByLabelText('Channel'));
    await user.type(screen.getByLabelText('Caller'), 'Ali');
    await user.click(screen.getByRole('button', { name: 'Show entries' }));
    await waitFor(async () => expect(await rows()).toHaveLength(2));
    await user.click(screen.getByRole('link', { name: 'alice' }));
    await waitFor(async () => expect(await rows()).toEqual([expect.stringContaining('show-1')]));
  });

  test('shows the entries of one caller by its name', async () => {
    const { user } = await open();
    await user.click(await screen.findByRole('link', { name: 'user-4711' }));
    await waitFor(async () => expect(await rows()).toEqual([expect.stringContaining('toy-fair')]));
    expect(screen.getByLabelText<HTMLInputElement>('Caller').value).toContain('login.example');
  });

  test('of a channel is linked from its page', async () => {
    const { user } = showDashboard('/dashboard/channels/book-club');
    await user.click(await screen.findByRole('link', { name: 'Entries in the audit log' }));
    expect(await rows()).toEqual([expect.stringContaining('Rotate stream key')]);
  });

  test('has pages, each with an address', async () => {
    const service = new FakePageService();
    service.audit = Array.from({ length: 70 }, (_, index) =>
      auditEntryOf(100 - index, { channelId: `show-${100 - index}` }),
    );
    const { user, history } = await open('', service);
    expect(await rows()).toHaveLength(50);
    await user.click(screen.getByRole('link', { name: 'Older entries' }));
    await waitFor(async () => expect(await rows()).toHaveLength(20));
    expect((await rows())[0]).toContain('show-50');
    expect(history.location.search).toBe('?before=51');
    expect(screen.queryByRole('link', { name: 'Older entries' })).toBeNull();
    await user.click(screen.getByRole('link', { name: 'Newest entries' }));
    await waitFor(async () => expect(await rows()).toHaveLength(50));
  });

  test('says that nothing matches, and what the service refuses', async () => {
    const service = new FakePageService();
    const { user } = await open('?channel=42', service);
    expect(await screen.findByText('No entry matches the filters.')).toBeTruthy();
    service.answers['audit'] = () => {
      throw new Refusal(400, 'to must be later than from');
    };
    await user.click(screen.getByRole('button', { name: 'Clear filters' }));
    expect(await screen.findByText('to must be later than from')).toBeTruthy();
  });
});

describe('without scope admin', () => {
  const operating = (): FakePageService => {
    const service = new FakePageService();
    service.session = { subject: 'api-key:desk', scope: 'operate', expiresAt: atSecond(28_800) };
    return service;
  };

  test.each(['audit', 'api-keys'])('%s says which scope is missing, and reads nothing', async (page) => {
    const service = operating();
    const read: string[] = [];
    for (const path of ['audit', 'apiKeys.list'])
      service.answers[path] = () => {
        read.push(path);
        throw new Refusal(403, 'Requires scope "admin".');
      };
    showDashboard(`/dashboard/${page}`, service);
    expect(await screen.findByText('You are signed in as api-key:desk with scope operate.')).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(read).toEqual([]);
  });

  test('no link leads to such a page', async () => {
    showDashboard('/dashboard/channels/book-club', operating());
    await screen.findByRole('group', { name: 'Actions' });
    expect(
      within(screen.getByRole('navigation'))
        .getAllByRole('link')
        .map(({ textContent }) => textContent),
    ).toEqual(['Overview', 'Platforms', 'Alerts']);
    expect(screen.queryByRole('link', { name: 'Entries in the audit log' })).toBeNull();
  });
});

test.each([
  ['api-key:a1', { kind: 'api-key', name: 'ann' }],
  ['api-key:gone', { kind: 'api-key', name: 'gone' }],
  ['oidc:https://issuer.example#u7', { kind: 'oidc', name: 'u7' }],
  [
    'kubernetes:system:serviceaccount:shop:app',
    { kind: 'kubernetes', name: 'system:serviceaccount:shop:app' },
  ],
  ['ticket:seller:42', { kind: 'ticket', name: 'seller:42' }],
  ['anonymous', { kind: 'anonymous', name: undefined }],
  ['carrier-pigeon:9', { kind: 'other', name: 'carrier-pigeon:9' }],
])('the caller %s is shown as %j', (subject, actor) => {
  expect(actorOf(subject, new Map([['a1', 'ann']]))).toEqual(actor);
});

test.each([
  [null, ''],
  [{}, ''],
  [{ scope: 'admin', ids: [1, 2] }, 'scope: admin, ids: [1,2]'],
  ['text', 'text'],
  [[1], '[1]'],
])('the detail %j is written as "%s"', (detail, text) => {
  expect(detailText(detail)).toBe(text);
});

test('a detail is cut where it would fill the page', () => {
  expect(detailText({ note: 'x'.repeat(5_000) }).length).toBeLessThan(1_000);
});

test('a time survives the way into a field and back', () => {
  expect(isoTimeOf(localTimeOf('2026-07-01T10:20:00.000Z'))).toBe('2026-07-01T10:20:00.000Z');
  expect(localTimeOf(undefined)).toBe('');
  expect(isoTimeOf('')).toBeUndefined();
});
