import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { ANYBODY, SIGNED_PATH } from './playback-grants.ts';
import { parseJson } from '../base/parse-json.ts';

export interface PlaylistRequest {
  readonly playbackId: string;
  /** Tells players apart as well as can be without a cookie. */
  readonly viewer: string;
}

/** nginx's log_format for playlist requests; parsed by parsePlaylistRequest. */
export const ACCESS_LOG_FORMAT =
  '{"path":"$uri","status":"$status","viewer":"$arg_viewer","address":"$remote_addr","forwarded":"$http_x_forwarded_for","agent":"$http_user_agent"}';

const PUBLIC = /^\/hls\/(?<playback>[0-9a-f]+)\/index\.m3u8$/;
const SIGNED = new RegExp(`^${SIGNED_PATH}index\\.m3u8$`);

/**
 * A syslog message of nginx (RFC 3164) into who asked for which playlist. A player that names itself by
 * `?viewer=<random>` is counted by that; the others by address and user agent, so that players behind one address
 * translation with the same browser count as one. A signed address says itself whose it is. Who got nothing is no viewer.
 */
export function parsePlaylistRequest(message: string): PlaylistRequest | undefined {
  const start = message.indexOf('{');
  if (start < 0) return undefined;
  const fields = parseJson(message.slice(start));
  if (fields === undefined) return undefined; // cut off: syslog messages are limited, and user agents are not
  const text = (name: string): string => {
    const value: unknown =
      typeof fields === 'object' && fields !== null ? Reflect.get(fields, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  if (Number(text('status')) >= 400) return undefined;
  const { playback: playbackId, viewer: granted } =
    (PUBLIC.exec(text('path')) ?? SIGNED.exec(text('path')))?.groups ?? {};
  if (playbackId === undefined) return undefined;
  const byName = granted === undefined || granted === ANYBODY ? text('viewer') : granted;
  const byAddress = `${text('forwarded') || text('address')} ${text('agent')}`;
  return { playbackId, viewer: (byName || byAddress).slice(0, 256) };
}

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
