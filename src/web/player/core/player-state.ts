import { hasStarted, channelEnded, isRefused, type Facts, type Supervision } from './supervision.ts';
import type { PlayerState } from './snapshot.ts';
import { staleAfterMs } from './playlist-history.ts';

/** Playback whose playhead advanced within this time is playing. */
const MOVING_MS = 1_000;
/** A request that failed within this time explains why media does not arrive. */
const FAILED_REQUEST_MS = 5_000;
/** From this attempt, an expired address is not the player's own concern any longer. */
const REFUSED_ATTEMPTS = 2;

export interface StateFacts extends Facts {
  /** Milliseconds since the epoch. */
  readonly epochMs: number;
  /** The browser refuses to play before a tap. */
  readonly blocked: boolean;
  /** The viewer, not the page, has paused. */
  readonly pausedByViewer: boolean;
  /** A frame has been shown. */
  readonly hasPicture: boolean;
}

export interface StateView {
  readonly state: PlayerState;
  /** Monotonic milliseconds; undefined: no attempt is planned. */
  readonly retryAt: number | undefined;
}

/** What the viewer sees, of what was observed and what the supervisor does about it. */
export function playerState(facts: StateFacts, memory: Supervision): StateView {
  const { channel, now } = facts;
  const retryAt = memory.retryAt ?? memory.probingSince;
  const view = (state: PlayerState): StateView => ({ state, retryAt });
  const final = (state: PlayerState): StateView => ({ state, retryAt: undefined });

  if (facts.engine === 'unsupported') return final('unsupported');
  if (channel.mode === 'agora-only' && (channel.modeAt ?? 0) <= facts.epochMs) return final('use-agora');
  if (isRefused(channel)) return final('not-allowed');
  const moving = facts.movedAt !== undefined && now - facts.movedAt < MOVING_MS;
  if (channelEnded(channel) && !moving) return final('ended');
  if (facts.blocked) return final('tap-to-play');
  if (facts.pausedSince !== undefined) return final(facts.pausedByViewer ? 'paused' : 'tap-to-play');
  if (moving && hasStarted(memory, facts.movedAt)) return final('playing');
  if (channel.refused === 'ticket-expired') return final('not-allowed');
  if (facts.engine === 'failed') return view('reconnecting');
  if (memory.loaded === undefined) return view(withoutStream(facts));
  if (memory.migrating || memory.incoming !== undefined) return view('migrating');
  const { trouble } = memory;
  if (trouble === undefined) return view(withoutTrouble(facts, memory));
  if (trouble.kind === 'ended') return view(channel.service === 'off' ? 'ended' : offAir(facts));
  if (trouble.kind === 'expired' && memory.attempts >= REFUSED_ATTEMPTS) return view('not-allowed');
  if (facts.online && channel.service === 'ok' && !channel.onAir) return view(offAir(facts));
  if (trouble.kind === 'network' && !facts.hasPicture && channel.service === 'off' && facts.online)
    // A plain address that has never had a playlist is a stream that has not begun.
    return view(memory.attempts === 0 ? 'connecting' : 'waiting-for-host');
  return view('reconnecting');
}

/** Nothing is loaded: the channel says why. */
function withoutStream(facts: StateFacts): PlayerState {
  const { service, url, onAir } = facts.channel;
  if (!facts.online || service === 'away') return 'reconnecting';
  if (service === 'unknown') return 'connecting';
  if (service === 'ok' && !onAir) return offAir(facts);
  return url === undefined && facts.hasPicture ? 'reconnecting' : 'connecting';
}

function offAir({ channel }: StateFacts): PlayerState {
  return channel.wanted && channel.failing ? 'platform-out' : 'waiting-for-host';
}

/** Media is expected, and the playhead does not advance. */
function withoutTrouble(facts: StateFacts, memory: Supervision): PlayerState {
  const { now } = facts;
  if (!facts.online) return 'reconnecting';
  const { loaded, playlist, failedRequestAt } = memory;
  if (failedRequestAt !== undefined && now - failedRequestAt < FAILED_REQUEST_MS && facts.hasPicture)
    return 'reconnecting';
  const still = now - Math.max(facts.movedAt ?? 0, loaded?.at ?? 0);
  const limit = staleAfterMs(playlist?.targetMs ?? 0);
  if (playlist !== undefined && now - playlist.advancedAt > limit && still > MOVING_MS)
    return facts.channel.service === 'ok' && !facts.channel.onAir ? offAir(facts) : 'reconnecting';
  if (!facts.hasPicture) return 'connecting';
  return still > limit ? 'reconnecting' : 'buffering';
}
