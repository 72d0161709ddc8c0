import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { ANYBODY, SIGNED_PATH } from './playback-grants.ts';
import { parseJson } from '../base/parse-json.ts';

/** A player's successful request for a playlist. */
export interface PlaylistRequest {
  readonly playbackId: string;
  /** Distinguishes players as well as possible without a cookie. */
  readonly viewer: string;
}

/** nginx's log_format for playlist requests; parsed by parsePlaylistRequest. */
export const ACCESS_LOG_FORMAT =
  '{"path":"$uri","status":"$status","viewer":"$arg_viewer","address":"$remote_addr","forwarded":"$http_x_forwarded_for","agent":"$http_user_agent"}';

const PUBLIC_PATTERN = /^\/hls\/(?<playback>[0-9a-f]+)\/index\.m3u8$/;
const SIGNED_PATTERN = new RegExp(`^${SIGNED_PATH}index\\.m3u8$`);

/**
 * Parses a syslog message of nginx (RFC 3164) into the player and the requested playlist. A player that names itself
 * with `?viewer=<random>` is counted by that name; others are counted by address and user agent, so that players with
 * the same browser behind one NAT count as one. A signed address contains its viewer. Returns undefined for other
 * messages and for refused requests.
 */
export function parsePlaylistRequest(message: string): PlaylistRequest | undefined {
  const start = message.indexOf('{');
  if (start < 0) return undefined;
  const fields = parseJson(message.slice(start));
  if (fields === undefined) return undefined; // truncated: syslog limits the size of messages
  const text = (name: string): string => {
    const value: unknown =
      typeof fields === 'object' && fields !== null ? Reflect.get(fields, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  if (Number(text('status')) >= 400) return undefined;
  const { playback: playbackId, viewer: granted } =
    (PUBLIC_PATTERN.exec(text('path')) ?? SIGNED_PATTERN.exec(text('path')))?.groups ?? {};
  if (playbackId === undefined) return undefined;
  const byName = granted === undefined || granted === ANYBODY ? text('viewer') : granted;
  const byAddress = `${text('forwarded') || text('address')} ${text('agent')}`;
  return { playbackId, viewer: (byName || byAddress).slice(0, 256) };
}

/** The listening port. Disposing of it closes the port. */
export interface AccessLog extends AsyncDisposable {
  readonly port: number;
}

/** Receives nginx's access log on a loopback port. */
export async function listenToAccessLog(onRequest: (request: PlaylistRequest) => void): Promise<AccessLog> {
  const socket = createSocket('udp4');
  socket.on('message', (message) => {
    const request = parsePlaylistRequest(message.toString('utf8'));
    if (request) onRequest(request);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}
