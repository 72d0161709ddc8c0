import type { IncomingMessage } from 'node:http';

/** Who is logged in. */
export interface Session {
  readonly userId: string;
  readonly sells: (channelId: string) => boolean;
}

/**
 * Put your own login here. In this sample, the cookie `user` is believed: buyer-1, or seller-4711 for the seller of
 * channel 4711.
 */
export function sessionOf(request: IncomingMessage): Session | undefined {
  const userId = /(?:^|;\s*)user=([\w-]{1,64})/.exec(request.headers.cookie ?? '')?.[1];
  if (userId === undefined) return undefined;
  return { userId, sells: (channelId) => userId === `seller-${channelId}` };
}
