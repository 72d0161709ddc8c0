import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { act, render, screen, within } from '@testing-library/react';
import { userEvent, type UserEvent } from '@testing-library/user-event';
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server.node';
import type { Cause, HealthView } from '../../../../src/web/seller/core/health.ts';
import type { SellerSnapshot } from '../../../../src/web/seller/core/snapshot.ts';
import { connectingSeller } from '../../../../src/web/seller/core/snapshot.ts';
import { de } from '../../../../src/web/seller/text/de.ts';
import { en } from '../../../../src/web/seller/text/en.ts';
import { SellerView, type SellerViewProps } from '../../../../src/web/seller/ui/seller-view.tsx';
import { fillDomGaps } from '../../player/ui/dom-gaps.ts';
import { onAir } from '../facts.ts';
import { FakeSeller, showing } from '../fake-seller.ts';

let complaints: jest.SpiedFunction<typeof console.error>;
beforeEach(() => {
  complaints = jest.spyOn(console, 'error');
});
afterEach(() => {
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockRestore();
});

interface Shown {
  readonly seller: FakeSeller;
  readonly user: UserEvent;
  readonly region: HTMLElement;
  readonly change: (change: Partial<SellerSnapshot>) => void;
}

function show(change: Partial<SellerSnapshot> = {}, props: Partial<SellerViewProps> = {}): Shown {
  fillDomGaps();
  const seller = new FakeSeller({ ...showing, ...change });
  render(
    <StrictMode>
      <SellerView seller={seller} timeZone="UTC" {...props} />
    </StrictMode>,
  );
  return {
    seller,
    user: userEvent.setup(),
    region: screen.getByRole('region', { name: props.title ?? (props.texts ?? en).seller }),
    change: (next) => {
      act(() => {
        seller.change(next);
      });
    },
  };
}

const figure = (label: string): string =>
  screen.getByText(label, { selector: 'dt' }).nextElementSibling?.textContent ?? '';
const cause = (key: Cause['key'], figures: Cause['figures'] = {}): Cause => ({
  ...{ key, figures },
  level: 'poor',
  fault: 'yours',
});

describe('what a seller reads', () => {
  const rows: readonly (readonly [HealthView, RegExp, RegExp])[] = [
    [{ level: 'good', buyersReport: true }, /^Good/, /see and hear you well/],
    [{ level: 'good', buyersReport: false }, /^Good/, /goes out well\..*Too few buyers report/],
    [{ level: 'unknown', reason: 'connecting' }, /^Unknown/, /Connecting/],
    [{ level: 'unknown', reason: 'no-connection' }, /^Unknown/, /no connection to the service/],
    [{ level: 'unknown', reason: 'refused' }, /^Unknown/, /may not see the show/],
    [{ level: 'unknown', reason: 'no-report' }, /^Unknown/, /is unknown\..*has not reported/],
    [{ level: 'unknown', reason: 'partly' }, /^Unknown/, /not fully known/],
    [{ level: 'off', reason: 'ended' }, /^Off air/, /is over/],
    [{ level: 'off', reason: 'stopped' }, /^Off air/, /is off air/],
    [{ level: 'off', reason: 'idle' }, /^Off air/, /pauses/],
    [{ level: 'off', reason: 'agora-only' }, /^Off air/, /All buyers watch on Agora/],
    [{ level: 'away', begun: false, since: undefined }, /^Away/, /not on camera yet/],
    [{ level: 'away', begun: true, since: undefined }, /^Away/, /not on camera\..*last image/],
    [{ level: 'away', begun: true, since: Date.UTC(2026, 0, 1, 9, 5) }, /^Away/, /since 09:05 AM/],
  ];
  test.each(rows)('%j', (health, level, sentence) => {
    const { region } = show({ health });
    const panel = region.querySelector('.lcs-health');
    expect(panel?.textContent).toMatch(level);
    expect(panel?.textContent).toMatch(sentence);
  });

  test('the first cause in front, and of each: what buyers see, what to do, whose it is, figure and limit', () => {
    const slow: Cause = { key: 'ingest', level: 'fair', fault: 'ours', figures: { n: 2.44, limit: 1.5 } };
    const { region } = show({
      health: { level: 'poor', causes: [cause('upload-loss', { n: 12.34, limit: 8 }), slow] },
    });
    const panel = region.querySelector('.lcs-health')?.textContent;
    expect(panel).toMatch(/^PoorYour upload loses 12\.3% of the video\.Buyers now/);
    expect(panel).toContain('What to doMove closer to the router, or use mobile data.');
    expect(panel).toContain('WhereOn your side');
    expect(panel).toContain('12.3% lost; more than 8% is too much.');
    expect(panel).toContain('Our connection to ivs is slow.');
    expect(panel).toContain('2.4 s behind; more than 1.5 s is too much.');
  });

  test('whether sound is early or late', () => {
    const { region, change } = show({
      health: { level: 'fair', causes: [cause('sound-offset', { n: -60, limit: 45 })] },
    });
    expect(region.textContent).toContain('Sound is 60 ms early; more than 45 ms is noticed.');
    change({ health: { level: 'fair', causes: [cause('sound-offset', { n: 200, limit: 125 })] } });
    expect(region.textContent).toContain('Sound is 200 ms late; more than 125 ms is noticed.');
  });

  test('viewers on HLS and on Agora apart, with their age, and what is estimated', () => {
    show();
    expect(figure('Viewers on HLS')).toBe('400now');
    expect(figure('Viewers on Agora')).toBe('12now');
    expect(figure('Watching now')).toBe('41Estimated: 41 of 46 players that report14 s ago');
    expect(figure('Buyers behind you')).toBe('6 sAbout, as players measure it14 s ago');
    expect(figure('Bit rate in')).toBe('2,500 kbit/snow');
    expect(figure('Keyframes in')).toBe('every 2 snow');
    screen.getByText('A buyer on HLS and on Agora counts in both.');
  });

  test('what is unknown is said to be unknown, and is no 0', () => {
    const { region } = show({
      viewers: { hls: undefined, agora: undefined },
      ...{
        media: undefined,
        buyers: undefined,
        buyersAge: undefined,
        numbersAge: undefined,
        delay: undefined,
      },
    });
    const values = [...region.querySelectorAll('.lcs-figure dd')].map(({ textContent }) => textContent);
    expect(new Set(values)).toEqual(new Set(['unknown']));
    expect(values).toHaveLength(8);
  });

  test('before any player has reported, how many watch is unknown, and why; afterwards 0 is 0', () => {
    const none = { stalledShare: undefined, latencySeconds: undefined };
    const unknown = { connected: undefined, watching: undefined };
    const { change } = show({ buyers: { ...none, ...unknown, sessions: 0 }, buyersAge: 3 });
    expect(figure('Watching now')).toBe('unknownNo player has reported yet');
    change({ buyers: { ...none, ...unknown, sessions: 4 } });
    expect(figure('Watching now')).toBe('unknown');
    change({ buyers: { ...none, connected: 0, watching: 0, sessions: 4 } });
    expect(figure('Watching now')).toBe('0Estimated: 0 of 0 players that report3 s ago');
  });

  test('the last hour, as a table too, where what is unknown is no 0', async () => {
    const { user } = show();
    screen.getByRole('img', { name: /Viewers on HLS: \d+ to \d+, at the end \d+\./ });
    await user.click(screen.getByText('Show as a table'));
    const [, newest] = screen.getAllByRole('row');
    expect(newest?.textContent).toMatch(/^12:00 PM/);
    expect(screen.getAllByRole('cell', { name: 'unknown' })).toHaveLength(12);
  });

  test('nothing but words before anything is known', () => {
    const { region } = show(connectingSeller);
    expect(region.textContent).not.toContain('0');
    expect(screen.queryByRole('button')).toBeNull();
  });

  test('another language replaces every word', () => {
    const { region } = show({}, { texts: de });
    expect(region.lang).toBe('de');
    expect(region.textContent).toContain('Die Zuschauer sehen und hören Sie gut.');
    expect(region.textContent).toMatch(/3,99\s\$ für 1\.000 Minuten/);
    for (const word of ['Viewers', 'Buyers', 'unknown']) expect(region.textContent).not.toContain(word);
  });
});

describe('what screen readers hear', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const heard = (region: HTMLElement): string => {
    act(() => {
      jest.advanceTimersByTime(600);
    });
    return region.querySelector('.lcs-health [role=status]')?.textContent ?? '';
  };

  test('each change once, and no figure that changes by itself', () => {
    const { region, change } = show();
    expect(heard(region)).toMatch(/^Good\. Buyers see and hear you well/);
    change({ health: { level: 'poor', causes: [cause('upload-loss', { n: 12, limit: 8 })] } });
    const first = heard(region);
    expect(first).toMatch(/^Poor\. Your upload loses 12%/);
    change({ health: { level: 'poor', causes: [cause('upload-loss', { n: 13, limit: 8 })] } });
    expect(heard(region)).toBe(first);
    change({ health: { level: 'good', buyersReport: false } });
    const good = heard(region);
    change({ health: { level: 'good', buyersReport: true } });
    expect(heard(region)).toBe(good);
  });
});

describe('where buyers watch', () => {
  test('each way has its price and its delay, and the one in use is marked', () => {
    show();
    const options = within(screen.getByRole('list')).getAllByRole('listitem');
    expect(options.map(({ textContent }) => textContent)).toEqual([
      'Agora$3.99 for 1,000 minutes of a buyerabout 1 s behind youUse Agora',
      'HLS and Agora$0.45 for 1,000 minutes of a buyerand $0.30 an hour, however many watchabout 6 s behind youIn use',
      'HLS$0.45 for 1,000 minutes of a buyerand $0.30 an hour, however many watchabout 6 s behind youUse HLS',
    ]);
    screen.getByText('From 3 buyers on, HLS costs less than Agora.');
  });

  test('a change names its effect, and happens once it is confirmed', async () => {
    const { user, seller } = show();
    await user.click(screen.getByRole('button', { name: 'Use Agora' }));
    const dialog = screen.getByRole('dialog', { name: 'Change to Agora?' });
    expect(dialog.textContent).toContain('412 buyers are watching.');
    expect(dialog.textContent).toContain('HLS ends at once');
    expect(dialog.textContent).toContain('1,000 minutes of a buyer will cost $3.99 instead of $0.45.');
    expect(dialog.textContent).toContain('about 1 s behind you instead of 6 s.');
    expect(seller.calls).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Change to Agora' }));
    expect(seller.calls).toEqual([['setMode', 'agora-only']]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('a change that is not confirmed does not happen, and the focus goes back', async () => {
    const { user, seller } = show();
    await user.click(screen.getByRole('button', { name: 'Use HLS' }));
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(seller.calls).toEqual([]);
    expect(document.activeElement?.textContent).toBe('Use HLS');
  });

  test('a number of buyers that is not known is not claimed', async () => {
    const { user } = show({ viewers: { hls: 400, agora: undefined } });
    await user.click(screen.getByRole('button', { name: 'Use Agora' }));
    expect(screen.getByRole('dialog').textContent).toContain('How many buyers are watching is unknown.');
  });

  test('what is announced, what is chosen by cost, and what is under way is said', () => {
    const { change } = show({
      channel: { ...onAir, streamMode: 'auto' },
      announced: { mode: 'agora-only', at: Date.UTC(2026, 0, 1, 9, 5) },
    });
    screen.getByText('Buyers change to Agora at 09:05 AM.');
    screen.getByText(/chosen by cost/);
    change({ change: { kind: 'mode', state: 'pending' } });
    screen.getByText('Changing how buyers watch.');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Use Agora' }).disabled).toBe(true);
    change({ change: { kind: 'mode', state: 'failed' } });
    screen.getByText('The change was not accepted. Try it again.');
  });
});

describe('on air and off', () => {
  const off = { ...onAir, wanted: false, status: 'stopped' } as const;

  test('a show that is off air is put on air', async () => {
    const { user, seller } = show({ channel: off, health: { level: 'off', reason: 'stopped' } });
    await user.click(screen.getByRole('button', { name: 'Put on air' }));
    expect(seller.calls).toEqual([['start']]);
  });

  test('a show on air is taken off air, once the seller has confirmed the effect', async () => {
    const { user, seller } = show();
    expect(screen.queryByRole('button', { name: 'Put on air' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Take off air' }));
    const dialog = screen.getByRole('dialog', { name: 'Take the show off air?' });
    expect(dialog.textContent).toContain('412 buyers are watching.');
    expect(seller.calls).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Take off air' }));
    expect(seller.calls).toEqual([['stop']]);
  });

  test('without these grants, or after the end, there are no such buttons', () => {
    const { change } = show({ canStart: false, canStop: false });
    expect(screen.queryByRole('button', { name: 'Take off air' })).toBeNull();
    change({ channel: off });
    expect(screen.queryByRole('button', { name: 'Put on air' })).toBeNull();
    change({ canStart: true, channel: { ...off, ended: true } });
    expect(screen.queryByRole('button')).toBeNull();
  });
});

test('a server renders it without a browser', () => {
  const html = renderToString(<SellerView seller={new FakeSeller(connectingSeller)} title="Autumn sale" />);
  expect(html).toContain('Connecting to your show.');
  expect(html).not.toMatch(/undefined|NaN|\[object/);
});
