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
      readonly relay: { readonly status: string };
    };
    readonly mode?: string;
    readonly at?: string;
  };
}

/**
 * Adds a WebSocket to the app's server, for pages: new WebSocket('wss://shop.example/live?channel=4711'). Call the
 * returned function with each verified webhook. Check the page's session in `upgrade` if channels are not public.
 */
export function webSocketBridge(server: Server): (message: Message) => void {
  const pages = new Map<string, Set<WebSocket>>();
  new WebSocketServer({ server, path: '/live', maxPayload: 1_024 }).on('connection', (page, { url }) => {
    const id = new URL(url ?? '', 'ws://shop').searchParams.get('channel') ?? '';
    const ofChannel = pages.get(id) ?? new Set();
    pages.set(id, ofChannel.add(page));
    page.on('error', () => page.terminate());
    page.on('close', () => {
      if (ofChannel.delete(page) && ofChannel.size === 0) pages.delete(id);
    });
  });
  return ({ type, data: { channel, channelId, mode, at } }) => {
    const news: Record<string, object> = {
      'livechannel.status': { onAir: channel?.relay.status === 'active', mode: channel?.effectiveStreamMode },
      'livechannel.mode': { mode, at },
      'livechannel.ended': {},
    };
    if (news[type] === undefined) return; // alerts are for the team
    const text = JSON.stringify({ type: type.replace('livechannel.', ''), ...news[type] });
    for (const page of pages.get(channel?.id ?? channelId ?? '') ?? []) page.send(text);
  };
}
