import { beforeEach, describe, expect, test } from '@jest/globals';
import { act, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { StrictMode } from 'react';
import { createLiveChannelHLS } from '../../../src/web/player/live-channel-hls.tsx';
import type { OpenedPlayer, PlayerOptions } from '../../../src/web/player/core/open-player.ts';
import { FakePlayer, inState, playing } from './fake-player.ts';

interface Opened {
  readonly options: PlayerOptions;
  readonly player: FakePlayer;
  destroyed: boolean;
}

let opened: Opened[];
beforeEach(() => {
  opened = [];
});

const LiveChannelHLS = createLiveChannelHLS((options): OpenedPlayer => {
  const player = new FakePlayer(inState('connecting'));
  const entry: Opened = { options, player, destroyed: false };
  opened.push(entry);
  return {
    player,
    destroy: () => {
      entry.destroyed = true;
    },
  };
});

const channel = { channelId: '4711', api: 'https://live.example.com', title: 'Autumn sale' } as const;

function running(): Opened {
  const alive = opened.filter(({ destroyed }) => !destroyed);
  const [only] = alive;
  if (only === undefined || alive.length > 1) throw new Error(`${alive.length} players are open`);
  return only;
}

describe('the component', () => {
  test('opens one player for the channel, with the elements it needs', () => {
    render(<LiveChannelHLS {...channel} />);
    const { options } = running();
    expect(options).toMatchObject({
      autoPlay: true,
      muted: true,
      qoe: true,
      title: 'Autumn sale',
      poster: undefined,
    });
    expect(options.source).toMatchObject({ kind: 'channel', channelId: '4711', api: channel.api });
    expect([options.video.tagName, options.canvas.tagName]).toEqual(['VIDEO', 'CANVAS']);
    expect(options.canvas.hidden).toBe(true);
    expect(options.stage).toBe(screen.getByRole('region', { name: 'Autumn sale' }));
  });

  test('loads what players need while it is rendered, before it opens one', () => {
    const steps: string[] = [];
    const Prepared = createLiveChannelHLS(
      () => {
        steps.push('open');
        return { player: new FakePlayer(inState('connecting')), destroy: () => undefined };
      },
      () => steps.push('prepare'),
    );
    const { rerender } = render(<Prepared {...channel} />);
    rerender(<Prepared {...channel} title="Winter sale" />);
    expect(steps).toEqual(['prepare', 'open']);
  });

  test('reports no quality if the app does not want it', () => {
    render(<LiveChannelHLS {...channel} qoe={false} />);
    expect(running().options.qoe).toBe(false);
  });

  test('plays a plain address without a service', () => {
    render(<LiveChannelHLS src="https://cdn.example.com/live.m3u8" autoPlay={false} />);
    expect(running().options).toMatchObject({
      source: { kind: 'address', url: 'https://cdn.example.com/live.m3u8' },
      autoPlay: false,
    });
  });

  test('shows what the player shows, and hands it what the viewer does', async () => {
    render(<LiveChannelHLS {...channel} />);
    const { player } = running();
    act(() => player.change(playing));
    await userEvent.click(screen.getByRole('button', { name: 'Pause' }));
    expect(player.calls).toEqual([['pause']]);
  });

  test('in strict mode one player is left', () => {
    render(
      <StrictMode>
        <LiveChannelHLS {...channel} />
      </StrictMode>,
    );
    running();
  });

  test('another channel ends the first player; other callbacks and texts do not', () => {
    const { rerender, unmount } = render(<LiveChannelHLS {...channel} onEnded={() => undefined} />);
    rerender(<LiveChannelHLS {...channel} onEnded={() => undefined} theme="dark" title="Last hour" />);
    expect(opened).toHaveLength(1);
    rerender(<LiveChannelHLS {...channel} channelId="4712" />);
    expect(running().options.source).toMatchObject({ channelId: '4712' });
    unmount();
    expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('the newest callbacks and the newest ticket are used', async () => {
    const heard: string[] = [];
    const { rerender } = render(
      <LiveChannelHLS {...channel} ticket="first" onEnded={() => heard.push('old')} />,
    );
    rerender(
      <LiveChannelHLS
        {...channel}
        ticket={async () => 'second'}
        onEnded={() => heard.push('ended!')}
        onStateChange={(state) => heard.push(state)}
        onUseAgora={(at) => heard.push(at.toISOString())}
      />,
    );
    const { options, player } = running();
    const agoraAt = Date.UTC(2026, 10, 30, 12);
    act(() => player.change(playing));
    act(() => player.change({ agoraAt }));
    act(() => player.change({ agoraAt, state: 'use-agora' }));
    act(() => player.change({ state: 'ended' }));
    expect(heard).toEqual(['playing', new Date(agoraAt).toISOString(), 'use-agora', 'ended', 'ended!']);
    expect(options.source.kind === 'channel' && (await options.source.ticket?.())).toBe('second');
  });

  test('begins without sound unless the app wants it, and tells the app when the viewer changes it', () => {
    const heard: boolean[] = [];
    const { rerender } = render(<LiveChannelHLS {...channel} onMutedChange={(muted) => heard.push(muted)} />);
    const { options, player } = running();
    expect(options.muted).toBe(true);
    act(() => player.change({ ...playing, muted: true }));
    act(() => player.change({ muted: false }));
    act(() => player.change({ muted: true }));
    expect(heard.slice(-2)).toEqual([false, true]);
    rerender(<LiveChannelHLS {...channel} channelId="4712" muted={false} />);
    expect(running().options.muted).toBe(false);
  });

  test('the viewer’s press on Watch on Agora reaches the app, with the announced time', async () => {
    const at: Date[] = [];
    render(<LiveChannelHLS {...channel} onUseAgora={(date) => at.push(date)} />);
    const agoraAt = Date.now() - 1_000;
    act(() => running().player.change(inState('use-agora', { agoraAt })));
    await userEvent.click(await screen.findByRole('button', { name: 'Watch on Agora' }));
    // At once, when it was announced, and by the press.
    expect(at).toEqual([new Date(agoraAt), new Date(agoraAt)]);
  });
});
