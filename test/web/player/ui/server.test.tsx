/** @jest-environment node */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { renderToString } from 'react-dom/server';
import { createLiveChannelHLS } from '../../../../src/web/player/live-channel-hls.tsx';

let complaints: jest.SpiedFunction<typeof console.error>;
beforeEach(() => {
  complaints = jest.spyOn(console, 'error');
});
afterEach(() => {
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockRestore();
});

test('a server, which has no window, renders the component, and opens no player', () => {
  expect(typeof window).toBe('undefined');
  const LiveChannelHLS = createLiveChannelHLS(() => {
    throw new Error('a server must not open a player');
  });
  const html = renderToString(
    <LiveChannelHLS
      channelId="4711"
      api="https://live.example.com"
      title="Autumn sale"
      poster="/poster.jpg"
    />,
  );
  expect(html).toContain('Connecting to the show.');
  expect(html).toContain('poster="/poster.jpg"');
});
