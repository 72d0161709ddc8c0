/** @jest-environment ./test/web/dashboard/jsdom-with-streams.mjs */
import { describe, expect, test } from '@jest/globals';
import { act, screen, waitFor, within } from '@testing-library/react';
import { FakePageService } from './fake-page-service.ts';
import { Refusal } from './fake-service.ts';
import { alertOf, atSecond, channelOf, NOW, numbersOf, platformOf } from './sample-data.ts';
import { showDashboard } from './show-dashboard.tsx';

const open = async (id: string, service = new FakePageService()) => {
  const shown = showDashboard(`/dashboard/channels/${id}`, service);
  await screen.findByRole('group', { name: 'Actions' });
  return shown;
};

describe('the state of a channel', () => {
  test('is said in words, with the reason, what happens next and what to do', async () => {
    await open('toy-fair');
    const state = screen.getByRole('region', { name: 'Failing' });
    expect(state.textContent).toContain('Viewers on HLS see nothing new.');
    expect(state.textContent).toContain('Secret default/agora has no key appCertificate. Add it.');
    expect(state.textContent).toContain('The operator keeps trying');
    expect(state.textContent).toContain('Create the Secret or add the key that the message names.');
    await waitFor(() => expect(state.textContent).toContain('ChannelOffAir'));
  });

  test('of a channel that does not exist is said, and leads back', async () => {
    showDashboard('/dashboard/channels/gone');
    expect(await screen.findByText(/Channel gone does not exist/)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'All channels' }).getAttribute('href')).toBe('/dashboard/');
  });
});

describe('actions', () => {
  test('name how many are watching now, and act only when they are confirmed', async () => {
    const { user, service, after } = await open('autumn-sale');
    await after(() => service.sendNumbers([numbersOf('autumn-sale', { hlsViewers: 412 })]));
    await user.click(screen.getByRole('button', { name: 'Stop' }));
    const dialog = screen.getByRole('alertdialog', { name: 'Stop channel autumn-sale?' });
    await waitFor(() => expect(dialog.textContent).toContain('412 viewers are watching on HLS.'));
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    expect(service.changes).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Stop' }));
    await user.click(screen.getByRole('button', { name: 'Stop channel' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(service.changes).toEqual(['relay.stop: {"channelId":"autumn-sale"}']);
  });

  test('say that the number of viewers is unknown instead of 0', async () => {
    const { user, service, after } = await open('autumn-sale');
    await after(() => service.sendNumbers([numbersOf('autumn-sale', { hlsViewers: null })]));
    await user.click(screen.getByRole('button', { name: 'End' }));
    const dialog = screen.getByRole('alertdialog');
    await waitFor(() => expect(dialog.textContent).toContain('The number of viewers on HLS is unknown.'));
    expect(dialog.textContent).toContain('This cannot be undone.');
  });

  test('change mode and platform, each with its effect', async () => {
    const { user, service } = await open('autumn-sale');
    await user.click(screen.getByRole('button', { name: 'Change mode or platform' }));
    expect(screen.getByText('Nothing is changed yet.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /Mode/ }));
    await user.click(screen.getByRole('option', { name: 'Agora only' }));
    expect(screen.getByRole('alertdialog').textContent).toContain('which costs more for each viewer');
    await user.click(screen.getByRole('button', { name: /Platform/ }));
    await user.click(screen.getByRole('option', { name: 'mux-main (not ready)' }));
    expect(screen.getByRole('alertdialog').textContent).toContain('a stream on mux-main');
    await user.click(screen.getByRole('button', { name: 'Apply change' }));
    await waitFor(() => expect(service.changes).toHaveLength(1));
    expect(service.changes[0]).toBe(
      'channels.update: {"channelId":"autumn-sale","settings":{"streamMode":"agora-only","platform":"mux-main"}}',
    );
  });

  test('limit resolution and bit rate, and accept no bit rate beyond the bounds', async () => {
    const { user, service } = await open('autumn-sale');
    await user.click(screen.getByRole('button', { name: 'Limit bit rate' }));
    const dialog = screen.getByRole('alertdialog', { name: 'Limit what channel autumn-sale sends' });
    const apply = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Apply limits' });
    expect(apply.disabled).toBe(true);
    await user.type(within(dialog).getByLabelText(/Highest video bit rate/), '50');
    expect(dialog.textContent).toContain('Enter a whole number from 100 to 50,000, or nothing.');
    expect(apply.disabled).toBe(true);
    await user.keyboard('0');
    await user.click(within(dialog).getByRole('button', { name: /Highest resolution/ }));
    await user.click(screen.getByRole('option', { name: '720p' }));
    expect(dialog.textContent).toContain('380 viewers are watching on HLS.');
    expect(dialog.textContent).toContain('viewers may see a short pause');
    await user.click(apply);
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(service.changes).toEqual([
      'channels.update: {"channelId":"autumn-sale","settings":{"maxResolution":"720p","maxVideoBitrateKbps":500}}',
    ]);
  });

  test('remove a limit where the field is emptied', async () => {
    const service = new FakePageService();
    service.channels = [channelOf('capped', { maxVideoBitrateKbps: 2_500, maxResolution: '720p' })];
    const { user } = await open('capped', service);
    expect(screen.getByText('720p, 2,500 kbit/s')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Limit bit rate' }));
    await user.clear(screen.getByLabelText(/Highest video bit rate/));
    await user.click(screen.getByRole('button', { name: 'Apply limits' }));
    await waitFor(() => expect(service.changes).toHaveLength(1));
    expect(service.changes[0]).toContain('{"maxVideoBitrateKbps":null}');
  });

  test.each([
    [false, 'Add a standby', 'Add standby', 'the show continues within about 2 s'],
    [true, 'Remove the standby', 'Remove standby', 'viewers wait until another one has started'],
  ])('change a standby that is %s to the contrary', async (standby, button, confirm, effect) => {
    const service = new FakePageService();
    service.channels = [channelOf('night', { standby })];
    const { user } = await open('night', service);
    await user.click(screen.getByRole('button', { name: button }));
    const dialog = screen.getByRole('alertdialog');
    expect(dialog.textContent).toContain('380 viewers are watching on HLS.');
    expect(dialog.textContent).toContain(effect);
    await user.click(within(dialog).getByRole('button', { name: confirm }));
    await waitFor(() => expect(service.changes).toHaveLength(1));
    expect(service.changes[0]).toBe(
      `channels.update: {"channelId":"night","settings":{"standby":${!standby}}}`,
    );
  });

  test('rotate the stream key, and say what viewers notice', async () => {
    const { user, service } = await open('autumn-sale');
    await user.click(screen.getByRole('button', { name: 'Rotate stream key' }));
    const dialog = screen.getByRole('alertdialog', { name: 'Rotate the stream key of channel autumn-sale?' });
    expect(dialog.textContent).toContain('380 viewers are watching on HLS.');
    expect(dialog.textContent).toContain('The playback URL stays.');
    await user.click(within(dialog).getByRole('button', { name: 'Rotate key' }));
    await waitFor(() => expect(service.changes).toEqual(['channels.rotateKey: {"channelId":"autumn-sale"}']));
  });

  test('do not offer a rotation that the platform cannot do, and say why', async () => {
    const service = new FakePageService();
    service.channels = [channelOf('studio', { platform: 'fixed' })];
    service.answers['platforms'] = () => [platformOf('fixed', { capabilities: { rotateKey: false } })];
    await open('studio', service);
    const reason = await screen.findByText(/The stream key of fixed is fixed/);
    const rotate = screen.getByRole<HTMLButtonElement>('button', { name: 'Rotate stream key' });
    expect(rotate.disabled).toBe(true);
    expect(rotate.getAttribute('aria-describedby')).toBe(reason.id);
  });

  test('that are refused say why, and stay open', async () => {
    const service = new FakePageService();
    service.answers['relay.start'] = () => {
      throw new Refusal(422, 'Platform ivs-eu has no room for another stream.');
    };
    const { user } = await open('night-market', service);
    await user.click(screen.getByRole('button', { name: 'Start' }));
    await user.click(screen.getByRole('button', { name: 'Start channel' }));
    expect((await screen.findByRole('alert')).textContent).toContain('has no room for another stream');
  });

  test('are those that make sense in the state', async () => {
    await open('book-club');
    expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Start' })).toBeNull();
    // Without a stream, there is no key.
    expect(screen.queryByRole('button', { name: 'Rotate stream key' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Change mode or platform' })).toBeTruthy();
  });
});

describe('charts', () => {
  const chart = (name: string): HTMLElement => screen.getByRole('group', { name });

  test('have one axis of time, and do not bridge what was not measured', async () => {
    const { plots } = await open('autumn-sale');
    await waitFor(() => expect(plots.map(({ view }) => view?.chart.name)).toContain('waiting'));
    const views = plots.flatMap(({ view }) => (view === undefined ? [] : [view]));
    expect(views.map(({ chart: { name } }) => name)).toEqual(['viewers', 'bitrate', 'latency', 'waiting']);
    expect(new Set(views.map(({ from, to }) => `${from} ${to}`)).size).toBe(1);
    const [hls] = views[0]?.chart.lines ?? [];
    expect(hls?.values.filter((value) => value === null)).toHaveLength(30);
  });

  test('move one cursor by keys, and say the values of that time', async () => {
    const { user, plots } = await open('autumn-sale');
    await waitFor(() => expect(plots).toHaveLength(4));
    await act(async () => chart('Viewers').focus());
    await user.keyboard('{Home}{ArrowRight}');
    expect(plots.map(({ cursor }) => cursor)).toEqual(Array(4).fill(NOW - 3_590_000));
    const values = within(chart('Viewers').closest('figure') ?? document.body).getByRole('status');
    expect(values.getAttribute('aria-live')).toBe('polite');
    expect(values.textContent).toContain('11:00:10');
    expect(values.textContent).toMatch(/HLS \d/);
  });

  test('follow a pointer together, without being read aloud', async () => {
    const { plots } = await open('autumn-sale');
    await waitFor(() => expect(plots).toHaveLength(4));
    await act(async () => plots[0]?.options.onCursor(NOW - 600_000));
    expect(plots.map(({ cursor }) => cursor)).toEqual(Array(4).fill(NOW - 600_000));
    const values = within(chart('Viewers').closest('figure') ?? document.body).getByRole('status');
    expect(values.getAttribute('aria-live')).toBe('off');
  });

  test('have a table of the same data, with unknown in words', async () => {
    const { user } = await open('autumn-sale');
    await user.click(await screen.findByRole('button', { name: 'Show as a table: Viewers' }));
    const rows = within(screen.getByRole('table', { name: 'Viewers' })).getAllByRole('row');
    expect(rows).toHaveLength(361);
    expect(rows.filter((row) => row.textContent.includes('unknown'))).toHaveLength(30);
  });

  test('show alerts, mode decisions and restarts on the same axis, and in words', async () => {
    const service = new FakePageService();
    service.answers['alerts'] = () => ({ items: [alertOf('7', { resolvedAt: atSecond(-300) })] });
    const { plots, after } = await open('autumn-sale', service);
    await after(() => {
      service.send(
        {
          type: 'mode',
          id: '6.1',
          channelId: 'autumn-sale',
          mode: 'hybrid',
          at: atSecond(-60),
          message: 'HLS costs less at 412 viewers.',
        },
        {
          type: 'status',
          id: '6.2',
          channel: channelOf('autumn-sale', { relay: { restarts: 1, lastRestartReason: 'SpecChanged' } }),
        },
      );
    });
    await screen.findByText('The relay restarted');
    const list = screen.getByRole('region', { name: 'What happened' });
    expect(
      within(list)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual([
      expect.stringContaining('The relay restarted'),
      expect.stringContaining('HLS costs less at 412 viewers.'),
      expect.stringContaining('Alert ChannelOffAir resolved'),
      expect.stringContaining('Alert ChannelOffAir raised'),
    ]);
    expect(plots[0]?.view?.marks).toHaveLength(4);
  });

  test('show what happened before the page was opened, and each moment once', async () => {
    const service = new FakePageService();
    service.alerts = [];
    const asked: unknown[] = [];
    service.answers['channels.history'] = (input) => {
      asked.push(input);
      return [
        { at: atSecond(-1_200), kind: 'mode', text: 'HLS costs less at 412 viewers.' },
        { at: atSecond(-3_000), kind: 'restart', text: 'RelayUnresponsive' },
      ];
    };
    const { plots, after } = await open('autumn-sale', service);
    const list = await screen.findByRole('region', { name: 'What happened' });
    await within(list).findByText('RelayUnresponsive');
    const mode = { type: 'mode', channelId: 'autumn-sale', mode: 'hybrid' } as const;
    await after(() => {
      service.send(
        { ...mode, id: '6.1', at: atSecond(-1_190), message: 'HLS costs less at 412 viewers.' },
        { ...mode, id: '6.2', at: atSecond(-5), message: 'Agora costs less at 3 viewers.' },
      );
    });
    await within(list).findByText('Agora costs less at 3 viewers.');
    expect(within(list).getAllByRole('listitem')).toHaveLength(3);
    await waitFor(() => expect(plots[0]?.view?.marks).toHaveLength(3));
    expect(asked).toEqual([{ channelId: 'autumn-sale', from: atSecond(-3_600), to: atSecond(0) }]);
  });

  test('say that what happened before cannot be read', async () => {
    const service = new FakePageService();
    service.answers['channels.history'] = () => {
      throw new Refusal(503, 'There is no database.');
    };
    await open('autumn-sale', service);
    expect(await screen.findByText(/Earlier mode decisions and restarts cannot be read/)).toBeTruthy();
  });

  test('have the range of the link, and change it in the address', async () => {
    const service = new FakePageService();
    const asked: unknown[] = [];
    const points = service.answers['streaming.analytics'];
    service.answers['streaming.analytics'] = (input) => {
      asked.push(input);
      return points?.(input);
    };
    const { user, history } = showDashboard('/dashboard/channels/autumn-sale?range=6h', service);
    await user.click(await screen.findByRole('button', { name: /Range/ }));
    await user.click(screen.getByRole('option', { name: '24 hours' }));
    await waitFor(() => expect(history.location.search).toBe('?range=24h'));
    expect(asked).toEqual([
      { channelId: 'autumn-sale', from: atSecond(-21_600), to: atSecond(0), step: 60 },
      { channelId: 'autumn-sale', from: atSecond(-86_400), to: atSecond(0), step: 300 },
    ]);
  });
});
