import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
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
    { type: 'status', onAir: true, mode: 'hybrid' },
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
