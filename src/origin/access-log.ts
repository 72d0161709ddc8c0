import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { ANYBODY, SIGNED_PATH } from './playback-grants.ts';
import { PREVIEW_VIEWER } from '../api/origin-viewer.ts';
import { parseJson } from '../base/parse-json.ts';

/** A player's successful request for a playlist. */
export interface PlaylistRequest {
  readonly playbackId: string;
  /** Distinguishes players as well as possible without a cookie. The player can choose it. */
  readonly viewer: string;
  /** Address of the connection: of the player, or of the proxy that it came through. */
  readonly address: string;
}

/** A segment that was sent to a player, whole or in part. */
export interface SegmentDelivery {
  readonly playbackId: string;
  readonly bytes: number;
}

/** nginx's log_format for playlist requests; parsed by parsePlaylistRequest. */
export const ACCESS_LOG_FORMAT =
  '{"path":"$uri","method":"$request_method","status":"$status","viewer":"$arg_viewer","address":"$remote_addr","forwarded":"$http_x_forwarded_for","agent":"$http_user_agent"}';

/** nginx's log_format for segments; parsed by parseSegmentDelivery. */
export const SEGMENT_LOG_FORMAT =
  '{"path":"$uri","method":"$request_method","status":"$status","bytes":"$body_bytes_sent"}';

/** Status of a request that exceeds the limits of its address. */
export const TOO_MANY_REQUESTS = 429;

/**
 * nginx's `map` that chooses what is logged: what a player got, and what it was refused for having too many requests. Everything
 * else (OPTIONS, HEAD, files that do not exist) is not viewing, and costs no message.
 */
export const LOGGED_REQUESTS = `map "$request_method $status" $logged {
    default 0;
    "~^GET (200|206|304|${TOO_MANY_REQUESTS})$" 1;
  }`;

/** Some 10,000 messages; Linux limits it to net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 4_194_304;

const PUBLIC_PATTERN = /^\/hls\/(?<playback>[0-9a-f]+)\/index\.m3u8$/;
const SIGNED_PATTERN = new RegExp(`^${SIGNED_PATH}index\\.m3u8$`);
const PUBLIC_SEGMENT = /^\/hls\/(?<playback>[0-9a-f]+)\/[0-9]+\/(?:init\.mp4|[0-9]+\.m4s)$/;
const SIGNED_SEGMENT = new RegExp(`^${SIGNED_PATH}[0-9]+/(?:init\\.mp4|[0-9]+\\.m4s)$`);

/** The members of a line of nginx's access log; those that are missing or not text are empty. */
export type LogFields = (name: string) => string;

/** A playlist was sent, or the player has the current one. */
const PLAYLIST_STATUS = new Set(['200', '304']);
const SEGMENT_STATUS = new Set(['200', '206']);

/**
 * Finds the player and the requested playlist in a line of nginx's access log. A player that names itself
 * with `?viewer=<random>` is counted by that name; others are counted by address and user agent, so that players with
 * the same browser behind one NAT count as one. A signed address contains its viewer. Returns undefined for other
 * requests, and for the seller's preview.
 */
export function parsePlaylistRequest(text: LogFields): PlaylistRequest | undefined {
  const { playback: playbackId, viewer: granted } =
    (PUBLIC_PATTERN.exec(text('path')) ?? SIGNED_PATTERN.exec(text('path')))?.groups ?? {};
  if (playbackId === undefined || text('viewer') === PREVIEW_VIEWER) return undefined;
  if (text('method') !== 'GET' || !PLAYLIST_STATUS.has(text('status'))) return undefined;
  const byName = granted === undefined || granted === ANYBODY ? text('viewer') : granted;
  const byAddress = `${text('forwarded') || text('address')} ${text('agent')}`;
  return { playbackId, viewer: (byName || byAddress).slice(0, 256), address: text('address') };
}

/** Finds the segment that was sent in a line of nginx's access log. Returns undefined for other requests. */
export function parseSegmentDelivery(text: LogFields): SegmentDelivery | undefined {
  if (text('method') !== 'GET' || !SEGMENT_STATUS.has(text('status'))) return undefined;
  const path = text('path');
  const playbackId = (PUBLIC_SEGMENT.exec(path) ?? SIGNED_SEGMENT.exec(path))?.groups?.['playback'];
  const bytes = Number(text('bytes'));
  return playbackId === undefined || !Number.isSafeInteger(bytes) ? undefined : { playbackId, bytes };
}

/** Parses a syslog message of nginx (RFC 3164). Returns undefined for other messages. */
export function parseLogLine(message: string): LogFields | undefined {
  const start = message.indexOf('{');
  if (start < 0) return undefined;
  const fields = parseJson(message.slice(start));
  // undefined: truncated, because syslog limits the size of messages.
  if (typeof fields !== 'object' || fields === null) return undefined;
  return (name) => {
    const value: unknown = Reflect.get(fields, name);
    return typeof value === 'string' ? value : '';
  };
}

/** The listening port. Disposing of it closes the port. */
export interface AccessLog extends AsyncDisposable {
  readonly port: number;
}

/** What is done with the messages of the access log. */
export interface AccessLogEvents {
  readonly onRequest: (request: PlaylistRequest) => void;
  readonly onDelivery: (delivery: SegmentDelivery) => void;
  /** A request was refused because of the limits of its address. */
  readonly onRefusal: () => void;
}

/** Receives nginx's access log on a loopback port. */
export async function listenToAccessLog(events: AccessLogEvents): Promise<AccessLog> {
  // Segments of thousands of viewers arrive within the same second.
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
  socket.on('message', (message) => {
    const text = parseLogLine(message.toString('utf8'));
    if (text === undefined) return;
    if (text('status') === String(TOO_MANY_REQUESTS)) events.onRefusal();
    const request = parsePlaylistRequest(text);
    if (request !== undefined) {
      events.onRequest(request);
      return;
    }
    const delivery = parseSegmentDelivery(text);
    if (delivery !== undefined) events.onDelivery(delivery);
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
