import type { IncomingMessage, ServerResponse } from 'node:http';

/** Who is logged in. */
export interface Session {
  readonly userId: string;
  /** The channels that the user sells on. */
  readonly channels: readonly string[];
}

/** What a name may be. */
export const userIdPattern = /^[\w-]{1,64}$/;

/**
 * Put your own login here. In this sample, the cookie `user` is believed: buyer-1, or seller-4711 for the seller of
 * channel 4711.
 */
export function sessionOf(request: IncomingMessage): Session | undefined {
  const userId = /(?:^|;\s*)user=([\w-]{1,64})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
  if (userId === undefined) return undefined;
  const channel = /^seller-(.+)$/.exec(userId)?.[1];
  return { userId, channels: channel === undefined ? [] : [channel] };
}

/** Logs a user in, or out. The page itself cannot read the cookie, and no page of another origin can send it. */
export function setSession(response: ServerResponse, userId: string | undefined): void {
  const value = userId === undefined ? 'user=; Max-Age=0' : `user=${userId}`;
  response.setHeader('set-cookie', `${value}; Path=/; HttpOnly; SameSite=Strict`);
}
