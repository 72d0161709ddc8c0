import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';

/** What a webhook of livechannel-operator has, as far as pages are concerned. */
export interface Message {
  readonly type: string;
  readonly data: {
    readonly channelId?: string | null;
    readonly channel?: {
      readonly id: string;
      readonly effectiveStreamMode: string | null;
      readonly relay: { readonly status: string; readonly wanted: boolean };
    };
    readonly mode?: string;
    readonly at?: string;
  };
}

/**
 * Adds a WebSocket to the app's server, for pages: new WebSocket('wss://shop.example.com/live?channel=4711'). Call the
 * returned function with each verified webhook. Other paths are left to the app's own WebSockets.
 */
export function webSocketBridge(server: Server): (message: Message) => void {
  const pages = new Map<string, Set<WebSocket>>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_024 });
  server.on('upgrade', (request, socket, head) => {
    const url = URL.parse(request.url ?? '', 'ws://shop');
    if (url?.pathname !== '/live') {
      if (server.listenerCount('upgrade') === 1) socket.destroy(); // no other WebSocket answers
      return;
    }
    // Check the page's session here if channels are not public.
    const id = url.searchParams.get('channel') ?? '';
    sockets.handleUpgrade(request, socket, head, (page) => {
      const ofChannel = pages.get(id) ?? new Set();
      pages.set(id, ofChannel.add(page));
      page.on('error', () => page.terminate());
      page.on('close', () => {
        if (ofChannel.delete(page) && ofChannel.size === 0) pages.delete(id);
      });
    });
  });
  // Load balancers close what is silent, an ALB after 60 s.
  setInterval(() => {
    for (const page of sockets.clients) page.ping();
  }, 30_000).unref();
  return ({ type, data: { channel, channelId, mode, at } }) => {
    const { status, wanted } = channel?.relay ?? {};
    const news: Record<string, object> = {
      'livechannel.status': { status, wanted, mode: channel?.effectiveStreamMode },
      'livechannel.mode': { mode, at },
      'livechannel.ended': {},
    };
    if (news[type] === undefined) return; // alerts are for the team
    const text = JSON.stringify({ type: type.replace('livechannel.', ''), ...news[type] });
    for (const page of pages.get(channel?.id ?? channelId ?? '') ?? []) page.send(text);
  };
}
