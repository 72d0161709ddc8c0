import type { ChannelState } from './channel-state.ts';
import { httpUrl, isRecord, parseJson, text, time } from './parsing.ts';

/**
 * Parsers of what the service answers. A schema library would be larger than the player's controls, and only few members are
 * read. Each returns undefined for what does not have the expected shape.
 */

/** Beyond it, a latency is a mistake. */
const LONGEST_LATENCY = 120;

export type Mode = NonNullable<ChannelState['mode']>;
const modes: Readonly<Record<Mode, true>> = { 'agora-only': true, hybrid: true, 'hls-only': true };

/** Of a channel, or of the relay of a public one. */
export interface ChannelFacts {
  readonly exists: boolean;
  /** The address without a signature, which identifies the stream; undefined: none, or not known. */
  readonly stream: string | undefined;
  readonly mode: Mode | undefined;
  readonly onAir: boolean;
  readonly wanted: boolean;
  readonly failing: boolean;
  readonly begun: boolean;
}

export interface PlaybackFacts {
  readonly url: string;
  readonly latencySeconds: number | undefined;
  /** Milliseconds since the epoch; undefined: it does not expire. */
  readonly expiresAt: number | undefined;
}

export type ChannelNews =
  | { readonly type: 'channel'; readonly channel: ChannelFacts }
  | { readonly type: 'mode'; readonly mode: Mode; readonly at: number }
  | { readonly type: 'ended' }
  | { readonly type: 'ticket-expired' };

/** POST /v1/channels/{id}/qoe. */
export function parseSampleRate(value: unknown): number | undefined {
  const rate = isRecord(value) && value['sampleRate'];
  return typeof rate === 'number' && rate >= 0 ? rate : undefined;
}

/** GET /v1/channels/{id}. */
export function parseChannel(value: unknown): ChannelFacts | undefined {
  if (!isRecord(value) || !isRecord(value['relay'])) return undefined;
  const relay = relayFacts(value['relay']);
  if (relay === undefined) return undefined;
  return {
    ...relay,
    exists: true,
    stream: httpUrl(value['playbackUrl']),
    mode: modeOf(value['effectiveStreamMode']),
    wanted: relay.wanted && value['deleting'] !== true,
    begun: relay.begun || value['deleting'] === true,
  };
}

/** GET /v1/channels/{id}/relay. */
export function parseRelay(value: unknown): ChannelFacts | undefined {
  if (!isRecord(value) || typeof value['channelExists'] !== 'boolean') return undefined;
  const relay = relayFacts(value);
  return relay && { ...relay, exists: value['channelExists'], stream: undefined, mode: undefined };
}

/** GET /v1/channels/{id}/playback. */
export function parsePlayback(value: unknown): PlaybackFacts | undefined {
  if (!isRecord(value)) return undefined;
  const url = httpUrl(value['hlsUrl']);
  if (url === undefined) return undefined;
  const latency = value['latency'];
  return {
    url,
    latencySeconds:
      typeof latency === 'number' && latency > 0 && latency <= LONGEST_LATENCY ? latency : undefined,
    expiresAt: time(value['expiresAt']),
  };
}

/** The code of a problem (RFC 9457), as far as the player tells them apart. */
export function problemCode(value: unknown): string | undefined {
  return isRecord(value) ? text(value['code']) : undefined;
}

/** An event of GET /v1/channels/{id}/events; undefined: of no concern to the player. */
export function parseEvent(type: string, data: string): ChannelNews | undefined {
  if (type === 'ended' || type === 'ticket-expired') return { type };
  const value = parseJson(data);
  if (!isRecord(value)) return undefined;
  if (type === 'snapshot' || type === 'status') {
    const channel = parseChannel(value['channel']);
    return channel && { type: 'channel', channel };
  }
  if (type !== 'mode') return undefined;
  const mode = modeOf(value['mode']);
  const at = time(value['at']);
  return mode === undefined || at === undefined ? undefined : { type: 'mode', mode, at };
}

function relayFacts(
  relay: Readonly<Record<string, unknown>>,
): Pick<ChannelFacts, 'onAir' | 'wanted' | 'failing' | 'begun'> | undefined {
  const { isActive, wanted, status, startedAt } = relay;
  if (typeof isActive !== 'boolean' || typeof wanted !== 'boolean') return undefined;
  return {
    onAir: isActive,
    wanted,
    failing: status === 'error',
    begun: isActive || typeof startedAt === 'string',
  };
}

function modeOf(value: unknown): Mode | undefined {
  return Object.keys(modes).find((mode): mode is Mode => mode === value);
}
