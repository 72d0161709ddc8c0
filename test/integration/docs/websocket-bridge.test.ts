import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { webSocketBridge } from '../../../examples/live-shop/websocket-bridge.ts';
import { channelView } from '../../../src/channel/views/channel-view.ts';
import { webhookSchema } from '../../../src/api/webhooks.ts';
import { aChannel } from '../../support/channel/channel-examples.ts';
import { eventually } from '../../support/wait/eventually.ts';

let server: Server;
let pass: ReturnType<typeof webSocketBridge>;
const pages: WebSocket[] = [];
beforeEach(async () => {
  server = createServer();
  pass = webSocketBridge(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const page of pages.splice(0)) page.terminate();
  server.close();
});

/** A page that watches the channel, and what it received. */
async function watch(channel: string): Promise<{ page: WebSocket; news: unknown[] }> {
  const { port } = server.address() as AddressInfo;
  const page = new WebSocket(`ws://127.0.0.1:${String(port)}/live?channel=${channel}`);
  pages.push(page);
  const news: unknown[] = [];
  page.on('message', (text: Buffer) => news.push(JSON.parse(text.toString())));
  await once(page, 'open');
  return { page, news };
}

const timestamp = '2026-11-23T05:00:00.000Z';
const mode = {
  type: 'mode',
  id: '1-0',
  namespace: 'shop',
  channelId: 'show',
  mode: 'agora-only',
  at: timestamp,
  message: 'cheaper',
};
const channel = channelView(
  aChannel({
    metadata: { creationTimestamp: timestamp },
    status: { relayStatus: 'active', effectiveStreamMode: 'hybrid' },
  }),
  undefined,
);
/** Messages as the operator sends them. */
const messages = [
  { type: 'livechannel.status', timestamp, data: { type: 'status', id: '1-1', namespace: 'shop', channel } },
  { type: 'livechannel.mode', timestamp, data: mode },
  {
    type: 'livechannel.alert',
    timestamp,
    data: {
      ...{
        id: '1',
        namespace: 'shop',
        channelId: 'show',
        platform: null,
        raisedAt: timestamp,
        resolvedAt: null,
      },
      ...{ kind: 'ChannelOffAir', severity: 'critical', message: 'why', occasion: 'x' },
    },
  },
  {
    type: 'livechannel.ended',
    timestamp,
    data: { type: 'ended', id: '2-2', namespace: 'shop', channelId: 'show' },
  },
].map((each) => webhookSchema.parse(each));

test('pages receive what happens to their channel, as far as buyers may know it', async () => {
  const [mine, other] = await Promise.all([watch('show'), watch('elsewhere')]);
  for (const message of messages) pass(message);
  await eventually('three messages', 10, () => mine.news.length === 3);
  expect(mine.news).toEqual([
    { type: 'status', status: 'active', wanted: true, mode: 'hybrid' },
    { type: 'mode', mode: 'agora-only', at: timestamp },
    { type: 'ended' },
  ]);
  expect(other.news).toEqual([]);
});

test('a page that left does not keep the others from their messages', async () => {
  const [gone, there] = await Promise.all([watch('show'), watch('show')]);
  gone.page.terminate();
  for (const message of messages) pass(message);
  await eventually('three messages', 10, () => there.news.length === 3);
});

test('a page that hears nothing else is pinged within a minute, so that load balancers keep its connection', async () => {
  const every = jest.spyOn(globalThis, 'setInterval');
  const quiet = createServer();
  webSocketBridge(quiet);
  const [ping, ms = 0] = every.mock.calls[0] ?? [];
  every.mockRestore();
  expect(ms).toBeLessThan(60_000);
  quiet.listen(0, '127.0.0.1');
  await once(quiet, 'listening');
  const { port } = quiet.address() as AddressInfo;
  const page = new WebSocket(`ws://127.0.0.1:${String(port)}/live?channel=show`);
  pages.push(page);
  await once(page, 'open');
  ping?.();
  await once(page, 'ping');
  page.terminate();
  quiet.close();
}, 30_000);

test("the app's own WebSocket on another path is left alone, and an unknown path is closed", async () => {
  const { port } = server.address() as AddressInfo;
  const open = (path: string): WebSocket => {
    const page = new WebSocket(`ws://127.0.0.1:${String(port)}${path}`);
    pages.push(page);
    return page;
  };
  const [error] = (await once(open('/elsewhere'), 'error')) as [Error];
  expect(error.message).toContain('socket hang up');
  const own = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/chat') own.handleUpgrade(request, socket, head, (page) => page.send('chat'));
  });
  const [text] = (await once(open('/chat'), 'message')) as [Buffer];
  expect(text.toString()).toBe('chat');
  await watch('show');
});
