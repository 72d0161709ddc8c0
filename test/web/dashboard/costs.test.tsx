/** @jest-environment ./test/web/dashboard/jsdom-with-streams.mjs */
import { describe, expect, test } from '@jest/globals';
import { screen, waitFor, within } from '@testing-library/react';
import { FakePageService } from './fake-page-service.ts';
import { Refusal } from './fake-service.ts';
import { costs, figuresOf } from './sample-costs.ts';
import { atSecond } from './sample-data.ts';
import { showDashboard } from './show-dashboard.tsx';

const open = async (search = '', service = new FakePageService()) => {
  const shown = showDashboard(`/dashboard/costs${search}`, service);
  await screen.findByRole('button', { name: 'Download as CSV' });
  return shown;
};
const region = (name: string): HTMLElement => screen.getByRole('region', { name });
const rowsOf = (name: string): (string | null)[][] =>
  within(within(screen.getByRole('group', { name })).getByRole('table'))
    .getAllByRole('row')
    .slice(1)
    .map((row) => [...row.children].map(({ textContent }) => textContent));

/** jsdom's blobs have no text(). */
const textOf = (blob = new Blob()): Promise<string> =>
  new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : '');
    reader.readAsText(blob);
  });

describe('the sums of a range', () => {
  test('say what was spent, what Agora alone would have cost, and what was saved', async () => {
    await open();
    expect(region('Cost').textContent).toContain('$112.40');
    expect(region('On Agora alone').textContent).toContain('$428.60');
    expect(region('Saved').textContent).toContain('$316.20');
    expect(region('Saved').textContent).toContain('73.8% of Agora alone');
  });

  test('are marked as lower bounds while they are incomplete', async () => {
    await open();
    expect(region('Cost').textContent).toContain('at least');
    expect(region('Cost').textContent).toContain('1.5 h could not be counted');
  });

  test('are dashes where they are unknown, and never 0', async () => {
    const service = new FakePageService();
    service.answers['costs'] = () => ({ ...costs, ...figuresOf(3, null), monthForecastUsd: null });
    await open('', service);
    expect(region('On Agora alone').textContent).toContain('unknown');
    expect(region('Saved').textContent).toContain('unknown');
    expect(region('A month at this rate').textContent).toContain('unknown');
  });

  test('are those of the dates in the address', async () => {
    const service = new FakePageService();
    const asked: unknown[] = [];
    service.answers['costs'] = (input) => {
      asked.push(input);
      return costs;
    };
    const { user, history } = await open('?range=last-month', service);
    await user.click(screen.getByRole('button', { name: /Range/ }));
    await user.click(screen.getByRole('option', { name: 'Today' }));
    await waitFor(() => expect(history.location.search).toBe('?range=today'));
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked).toEqual([
      { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' },
      { from: '2026-11-30T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
    ]);
  });
});

describe('the table', () => {
  test('has the most expensive channels first, each with what it saved', async () => {
    await open();
    expect(rowsOf('Channel').map((cells) => cells.slice(0, 5))).toEqual([
      ['autumn-sale', '≥ at least $66.50', '≥ at least $268.50', '$202.00', '75.2%'],
      ['shoes-live', '$41.20', '$160.10', '$118.90', '74.3%'],
      ['toy-fair', '$3.20', '–unknown', '–unknown', '–unknown'],
      ['book-club', '$1.50', '$0.90', '-$0.60', '-66.7%'],
    ]);
    const [link] = within(region('Channel')).getAllByRole('link');
    expect(link?.getAttribute('href')).toBe('/dashboard/channels/autumn-sale');
  });

  test('groups by platform and by day, in the address', async () => {
    const { user, history } = await open('?by=platform');
    expect(rowsOf('Platform').map(([name]) => name)).toEqual(['ivs-eu', 'mux-main', 'Agora only']);
    await user.click(screen.getByRole('button', { name: /By/ }));
    await user.click(screen.getByRole('option', { name: 'Day' }));
    await waitFor(() => expect(history.location.search).toBe('?by=day'));
    expect(rowsOf('Day').map(([day]) => day)).toEqual(
      [-6, -5, -4, -3, -2, -1, 0].map((day) => atSecond(day * 86_400).slice(0, 10)),
    );
  });

  test('is a file without formulas, in which unknown is empty', async () => {
    const saved: { readonly name: string; readonly blob: Blob }[] = [];
    let blob = new Blob();
    URL.createObjectURL = (given) => {
      if (given instanceof Blob) blob = given;
      return 'blob:costs';
    };
    URL.revokeObjectURL = () => undefined;
    HTMLAnchorElement.prototype.click = function click() {
      saved.push({ name: this.download, blob });
    };
    const service = new FakePageService();
    const formula = '=HYPERLINK("https://evil.example","x")';
    const channels = costs.channels.map((each) =>
      each.channelId === 'toy-fair' ? { ...each, channelId: formula } : each,
    );
    service.answers['costs'] = () => ({ ...costs, channels });
    const { user } = await open('', service);
    await user.click(screen.getByRole('button', { name: 'Download as CSV' }));
    expect(saved.map(({ name }) => name)).toEqual(['costs-by-channel-2026-11-24-2026-11-30.csv']);
    expect(await textOf(saved[0]?.blob)).toBe(
      [
        'channel,usd,on_agora_alone_usd,saved_usd,complete,missing_seconds,estimated',
        'autumn-sale,66.500000,268.500000,202.000000,false,5400,true',
        'shoes-live,41.200000,160.100000,118.900000,true,0,true',
        `"'=HYPERLINK(""https://evil.example"",""x"")",3.200000,,,true,0,true`,
        'book-club,1.500000,0.900000,-0.600000,true,0,true',
        '',
      ].join('\r\n'),
    );
  });

  test('shows all of many channels when it is asked to', async () => {
    const service = new FakePageService();
    const channels = Array.from({ length: 60 }, (_, n) => ({ channelId: `c-${n}`, ...figuresOf(n + 1, 90) }));
    service.answers['costs'] = () => ({ ...costs, channels });
    const { user } = await open('', service);
    expect(rowsOf('Channel')).toHaveLength(50);
    await user.click(screen.getByRole('button', { name: 'Show all 60 rows' }));
    expect(rowsOf('Channel')).toHaveLength(60);
  });
});

describe('the break-even', () => {
  const title = 'Cost of an hour in dollars, by viewers';

  test('is in words, and drawn over viewers', async () => {
    const { plots } = await open();
    expect(region('Break-even').textContent).toContain('ivs-eu: cheaper than Agora from 14 viewers on');
    await waitFor(() => expect(plots).toHaveLength(1));
    const [plot] = plots;
    await waitFor(() =>
      expect(plot?.view?.chart.lines.map(({ name }) => name)).toEqual(['agora', 'ivs-eu', 'mux-main']),
    );
    expect(plot?.options.axis).toBe('number');
    const [agora, ivs] = plot?.view?.chart.lines.map(({ values }) => values) ?? [];
    // The service says 14: with 13 viewers, Agora is still cheaper.
    const dearer = agora?.map((usd, index) => Number(usd) > Number(ivs?.[index]));
    expect(dearer?.indexOf(true)).toBe(14);
  });

  test('can be read by keys, and as a table', async () => {
    const { user } = await open('?resolution=1080p');
    screen.getByRole('group', { name: title }).focus();
    await user.keyboard('{Home}{ArrowRight}');
    const legend = within(region('Break-even'))
      .getAllByRole('status')
      .find((each) => each.getAttribute('aria-live') === 'polite');
    expect(legend?.textContent).toContain('1 viewer');
    expect(legend?.textContent).toContain('Agora alone $0.5394');
    await user.click(screen.getByRole('button', { name: `Show as a table: ${title}` }));
    expect(within(screen.getByRole('table', { name: title })).getAllByRole('row').length).toBeGreaterThan(20);
  });
});

describe('a what-if', () => {
  const result = (): string | null => within(region('What if')).getByRole('status').textContent;
  const enter = async (user: Awaited<ReturnType<typeof open>>['user'], name: string, text: string) => {
    const field = screen.getByRole('textbox', { name });
    await user.clear(field);
    await user.type(field, text);
  };

  test('starts from the prices in use, and follows what is entered', async () => {
    const { user, history } = await open('?viewers=1000&hours=10');
    // 1,000 viewers at $0.2394; the relay at $2.3194 and 1,000 viewers at $0.072; ten hours.
    expect(result()).toContain('$2,394.00');
    expect(result()).toContain('$743.19');
    expect(result()).toContain('14 viewers');
    await enter(user, 'Viewer on HLS, $ an hour', '0.3');
    await waitFor(() => expect(result()).toContain('never'));
    expect(result()).toContain('-$629.19');
    await waitFor(() => expect(history.location.search).toContain('hls=0.3'));
  });

  test('is unknown where a number is not valid, and says what is', async () => {
    const { user } = await open();
    await enter(user, 'Viewers', 'many');
    await waitFor(() => expect(result()).toContain('unknown'));
    expect(screen.getByText('Enter a number from 0 to 1,000,000.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Back to the prices in use' }));
    await waitFor(() => expect(result()).not.toContain('unknown'));
  });
});

describe('budgets', () => {
  test('say what is spent of what, and what follows', async () => {
    await open();
    await screen.findByRole('table', { name: 'Budgets' });
    expect(rowsOf('Budgets')).toEqual([
      ['shoes-live', '$12.30', '$12.00 a show', '102.5%', expect.stringMatching(/^spent/), 'Agora only'],
      ['autumn-sale', '$112.40', '$500.00 a month, all channels', '22.5%', 'within', 'nothing'],
      ['night-market', '–unknown', '$5.00 a show', '–unknown', 'unknown', 'nothing'],
    ]);
  });
});

test('a session that may not read costs has no link, and is told why', async () => {
  const service = new FakePageService();
  service.session = { subject: 'api-key:shop', scope: 'operate', expiresAt: atSecond(3_600) };
  showDashboard('/dashboard/costs', service);
  expect(await screen.findByText('This page requires scope admin')).toBeTruthy();
  expect(screen.queryByRole('link', { name: 'Costs' })).toBeNull();
});

test('a ledger that cannot be read is said in its words', async () => {
  const service = new FakePageService();
  service.answers['costs'] = () => {
    throw new Refusal(503, 'There is no database. Set databaseUrl.');
  };
  showDashboard('/dashboard/costs', service);
  expect((await screen.findByRole('alert')).textContent).toContain('There is no database.');
});
