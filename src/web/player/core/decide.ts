import { streamDelayMs } from './backoff.ts';
import type { EngineEvent } from './engine.ts';
import { isRestarted, staleAfterMs, withPlaylist } from './playlist-history.ts';
import {
  channelEnded,
  hasStarted,
  isRefused,
  type Action,
  type Facts,
  type Supervision,
  type Trouble,
} from './supervision.ts';

/** Playback is hidden, or paused, for this time before loading stops: a viewer who does not watch costs egress. */
const HIDDEN_MS = 60_000;
const PAUSED_MS = 30_000;
/** After a longer suspension, the playlist's window has passed and the stream is loaded from its beginning. */
const RESUMABLE_MS = 10_000;
/** The same remedy is not repeated sooner. */
const REMEDY_INTERVAL_MS = 5_000;
/** After a seek to the live edge, for playback to start. */
const AFTER_SEEK_MS = 4_000;
/** From a load to its first frame, on a slow network. */
const START_MS = 20_000;
/** The probe itself is aborted before this. */
const PROBE_MS = 12_000;
/** For a prepared stream to play. The old one goes on meanwhile, and platforms keep it for longer. */
const PREPARE_MS = 10_000;
/** A playhead that advanced within this time is advancing. */
const ADVANCING_MS = 1_000;
/** Playback for this time proves that the trouble is over. */
const WELL_MS = 5_000;
/** How often the service is asked about a stream in trouble. */
const REFRESH_MS = 10_000;
/** Each time that many probes had no answer, the engine tries: a browser that plays HLS itself reads what the page may not. */
const UNREADABLE_PROBES = 3;

export interface Decision {
  readonly supervision: Supervision;
  readonly actions: readonly Action[];
}

/** What a rule changes, and what is to be done. */
interface Step {
  readonly changes?: Partial<Supervision>;
  readonly actions?: readonly Action[];
}

interface Situation {
  readonly facts: Facts;
  readonly memory: Supervision;
  readonly random: () => number;
}

/** undefined: the rule does not apply, and the next one decides. */
type Rule = (situation: Situation) => Step | undefined;

/**
 * The supervisor: what the player does about what was observed. The first rule that applies decides. `random` returns a
 * number from 0 to 1.
 */
export function decide(before: Supervision, facts: Facts, random: () => number): Decision {
  const memory = observe(before, facts);
  const wasOnAir = facts.channel.onAir;
  for (const rule of rules) {
    const step = rule({ facts, memory, random });
    if (step !== undefined)
      return { supervision: { ...memory, ...step.changes, wasOnAir }, actions: step.actions ?? [] };
  }
  return { supervision: { ...memory, wasOnAir }, actions: [] };
}

/** In order. Each says in its comment why it applies before those after it. */
const rules: readonly Rule[] = [
  // Without an engine nothing else is possible.
  unsupported,
  withoutEngine,
  // A refusal holds whatever the stream does.
  refused,
  // A viewer who does not watch needs no repair.
  suspend,
  resume,
  over,
  withoutAddress,
  firstLoad,
  // Another stream replaces one that has trouble.
  migrate,
  // Trouble has an end, which a probe finds.
  probed,
  awaitProbe,
  attempt,
  remedy,
  // No trouble is known: whether playback advances is all that counts.
  atEnd,
  neverStarted,
  stalled,
];

function unsupported({ facts }: Situation): Step | undefined {
  return facts.engine === 'unsupported' ? {} : undefined;
}

function withoutEngine({ facts, memory, random }: Situation): Step | undefined {
  if (facts.engine === 'open') return undefined;
  if (facts.engine === 'opening') return {};
  const { retryAt } = memory;
  if (retryAt === undefined && !facts.hurry) return schedule(memory, facts, random);
  if (retryAt !== undefined && facts.now < retryAt && !facts.hurry) return {};
  return openEngine(facts, memory);
}

function refused({ facts, memory }: Situation): Step | undefined {
  if (!isRefused(facts.channel)) return undefined;
  const refresh: Action[] = facts.hurry ? [{ type: 'refresh-channel' }] : [];
  if (memory.loaded === undefined) return { actions: refresh };
  return { changes: unloaded, actions: [{ type: 'unload' }, ...refresh] };
}

function suspend({ facts, memory }: Situation): Step | undefined {
  if (!isAway(facts)) return undefined;
  if (memory.suspendedAt !== undefined) return {};
  return {
    changes: { suspendedAt: facts.now, incoming: undefined, ...calm },
    actions: memory.loaded === undefined ? [] : [{ type: 'stop-loading' }],
  };
}

function resume({ facts, memory }: Situation): Step | undefined {
  const { suspendedAt, loaded, playlist } = memory;
  if (suspendedAt === undefined) return undefined;
  const changes = { suspendedAt: undefined, attempts: 0 };
  if (loaded === undefined || facts.channel.url === undefined) return { changes };
  const resumable = facts.now - suspendedAt < RESUMABLE_MS && facts.channel.stream === loaded.stream;
  if (!resumable || playlist?.ended === true) return load({ facts, memory }, changes);
  return {
    // Time has passed without anything being read.
    changes: { ...changes, playlist: undefined, loaded: { ...loaded, at: facts.now } },
    actions: [{ type: 'start-loading' }],
  };
}

/** The show is over: nothing is loaded again until the service says that it goes on. What is buffered is shown. */
function over({ facts, memory }: Situation): Step | undefined {
  if (!channelEnded(facts.channel)) return undefined;
  const { loaded, trouble } = memory;
  if (loaded === undefined) return {};
  const still = facts.now - Math.max(facts.movedAt ?? loaded.at, loaded.at) > staleAfterMs(0);
  if (trouble === undefined && !facts.mediaEnded && !still) return undefined;
  return { changes: unloaded, actions: [{ type: 'unload' }] };
}

function withoutAddress({ facts, memory }: Situation): Step | undefined {
  if (facts.channel.url !== undefined) return undefined;
  // What still plays goes on: the service may be slower than the platform.
  if (memory.loaded !== undefined && memory.trouble === undefined && memory.playlist?.ended !== true)
    return stalled({ facts, memory, random: () => 0.5 }) ?? {};
  const actions: Action[] = memory.loaded === undefined ? [] : [{ type: 'unload' }];
  if (facts.hurry) actions.push({ type: 'refresh-channel' });
  return { changes: unloaded, actions };
}

function firstLoad({ facts, memory }: Situation): Step | undefined {
  if (memory.loaded !== undefined) return undefined;
  // Playback that was not requested costs egress.
  if (facts.pausedSince !== undefined) return {};
  const { service, onAir } = facts.channel;
  // Off air there is nothing to load, and the service reports when there is.
  if (service === 'ok' && !onAir) return facts.hurry ? { actions: [{ type: 'refresh-channel' }] } : {};
  return load({ facts, memory }, {});
}

function migrate({ facts, memory }: Situation): Step | undefined {
  const { loaded, incoming } = memory;
  const { url, stream } = facts.channel;
  if (loaded === undefined) return undefined;
  if (stream === loaded.stream) {
    if (incoming === undefined) return undefined;
    return { changes: { incoming: undefined }, actions: [{ type: 'drop-prepared' }] };
  }
  const isWanted = facts.pausedSince === undefined;
  if (incoming !== undefined && incoming.stream === stream) {
    if (facts.incoming === 'ready' && isWanted)
      return {
        // It has been playing for a while.
        changes: { ...unloaded, loaded: incoming, soughtAt: undefined, attempts: 0 },
        actions: [{ type: 'show-prepared' }],
      };
    const mayCome = facts.incoming === 'loading' && facts.now - incoming.at < PREPARE_MS;
    if (mayCome && isWanted) return {};
  } else if (isWanted && canPrepare({ facts, memory }) && url !== undefined)
    return {
      changes: { incoming: { url, stream, at: facts.now } },
      actions: [{ type: 'prepare', url }],
    };
  return load({ facts, memory }, { migrating: true, attempts: 0 });
}

/** Only a show that goes on is worth a second stream beside it. */
function canPrepare({ facts, memory }: Pick<Situation, 'facts' | 'memory'>): boolean {
  const { movedAt, now, incoming } = facts;
  const advances = movedAt !== undefined && now - movedAt < ADVANCING_MS && hasStarted(memory, movedAt);
  return incoming !== 'impossible' && memory.trouble === undefined && advances;
}

function probed({ facts, memory, random }: Situation): Step | undefined {
  if (facts.probe === undefined || memory.probingSince === undefined) return undefined;
  const answered = { ...memory, probingSince: undefined };
  const unreadable = facts.probe === 'unreachable' && memory.attempts % UNREADABLE_PROBES === 0;
  if (facts.probe === 'live' || unreadable) return load({ facts, memory: answered }, {});
  const kind: Trouble = facts.probe === 'refused' ? 'expired' : facts.probe === 'ended' ? 'ended' : 'network';
  return schedule({ ...answered, trouble: { kind, at: facts.now } }, facts, random);
}

function awaitProbe({ facts, memory, random }: Situation): Step | undefined {
  const { probingSince } = memory;
  if (probingSince === undefined) return undefined;
  if (facts.now - probingSince < PROBE_MS) return {};
  return schedule({ ...memory, probingSince: undefined }, facts, random);
}

/** The attempt that was planned, or one at once because something changed. */
function attempt({ facts, memory }: Situation): Step | undefined {
  const { retryAt, trouble } = memory;
  if (trouble === undefined || retryAt === undefined) return undefined;
  const { url, onAir } = facts.channel;
  if (trouble.kind === 'expired' && memory.attempts <= 1 && isRenewed({ facts, memory }))
    return load({ facts, memory }, {});
  const cameOnAir = onAir && !memory.wasOnAir;
  if (facts.now < retryAt && !facts.hurry && !cameOnAir) return {};
  if (trouble.kind === 'restarted') return load({ facts, memory }, { restartedAt: facts.now });
  if (trouble.kind === 'engine' || trouble.kind === 'media') return openEngine(facts, memory);
  if (url === undefined) return {};
  return {
    changes: { probingSince: facts.now, retryAt: undefined },
    actions: [{ type: 'probe', url }],
  };
}

/** The first answer to trouble. */
function remedy({ facts, memory, random }: Situation): Step | undefined {
  const { trouble } = memory;
  switch (trouble?.kind) {
    case undefined:
      return undefined;
    case 'media':
      if (!isRecent(memory.recoveredAt, facts))
        return {
          changes: { recoveredAt: facts.now, trouble: undefined },
          actions: [{ type: 'recover-media' }],
        };
      return isRecent(memory.openedAt, facts) ? schedule(memory, facts, random) : openEngine(facts, memory);
    case 'engine':
      return isRecent(memory.openedAt, facts) ? schedule(memory, facts, random) : openEngine(facts, memory);
    case 'restarted': {
      if (!isRecent(memory.restartedAt, facts)) return load({ facts, memory }, { restartedAt: facts.now });
      return { changes: { retryAt: (memory.restartedAt ?? facts.now) + REMEDY_INTERVAL_MS } };
    }
    case 'expired': {
      if (memory.attempts === 0 && isRenewed({ facts, memory }))
        return load({ facts, memory }, { attempts: 1 });
      return schedule(memory, facts, random);
    }
    case 'network':
    case 'stalled':
    case 'ended':
      return schedule(memory, facts, random);
  }
}

function atEnd({ facts, memory }: Situation): Step | undefined {
  if (memory.playlist?.ended !== true || !facts.mediaEnded) return undefined;
  return { changes: { trouble: { kind: 'ended', at: facts.now } }, actions: [{ type: 'refresh-channel' }] };
}

function neverStarted({ facts, memory }: Situation): Step | undefined {
  const { loaded } = memory;
  if (loaded === undefined || facts.pausedSince !== undefined || hasStarted(memory, facts.movedAt))
    return undefined;
  if (facts.now - loaded.at < START_MS) return {};
  return { changes: { trouble: { kind: 'stalled', at: facts.now } } };
}

/**
 * Nothing advances, although the engine reports no failure. A playlist without new segments is left alone: loading it
 * again would show its last seconds again. One that is no longer read is loaded again; otherwise the playhead may be
 * outside of what there is, which a seek repairs.
 */
function stalled({ facts, memory }: Situation): Step | undefined {
  const { loaded, playlist, soughtAt } = memory;
  if (loaded === undefined || facts.pausedSince !== undefined) return undefined;
  const limit = staleAfterMs(playlist?.targetMs ?? 0);
  const movedAt = Math.max(facts.movedAt ?? loaded.at, loaded.at);
  if (facts.now - movedAt < limit) return undefined;
  const unread = playlist !== undefined && facts.now - playlist.readAt > limit + REMEDY_INTERVAL_MS;
  // One that has ended is not read again.
  if (playlist?.ended === true && !unread) return {};
  if (unread) return { changes: { trouble: { kind: 'stalled', at: facts.now } } };
  if (playlist !== undefined && facts.now - playlist.advancedAt >= limit) {
    if (facts.now - (memory.refreshedAt ?? -Infinity) < REFRESH_MS) return {};
    return { changes: { refreshedAt: facts.now }, actions: [{ type: 'refresh-channel' }] };
  }
  if (soughtAt === undefined || soughtAt < movedAt)
    return { changes: { soughtAt: facts.now }, actions: [{ type: 'seek-live' }] };
  if (facts.now - soughtAt < AFTER_SEEK_MS) return {};
  return { changes: { trouble: { kind: 'stalled', at: facts.now } } };
}

/** Memory with the events since the last decision. */
function observe(before: Supervision, facts: Facts): Supervision {
  let memory = before;
  for (const event of facts.events) memory = withEvent(memory, event, facts.now);
  const { trouble, loaded } = memory;
  // Playback that advances again has ended a stall.
  if (
    (trouble?.kind === 'stalled' || trouble?.kind === 'ended') &&
    facts.movedAt !== undefined &&
    facts.movedAt > trouble.at
  )
    memory = { ...memory, ...calm };
  if (hasStarted(memory, facts.movedAt)) {
    if (memory.migrating) memory = { ...memory, migrating: false };
    const well = loaded !== undefined && (facts.movedAt ?? 0) - loaded.at > WELL_MS;
    if (well && memory.trouble === undefined && memory.attempts > 0) memory = { ...memory, attempts: 0 };
  }
  return memory;
}

function withEvent(memory: Supervision, event: EngineEvent, now: number): Supervision {
  const trouble = (kind: Trouble): Supervision =>
    // What is planned already is not planned again.
    memory.trouble === undefined ? { ...memory, trouble: { kind, at: now } } : memory;
  switch (event.type) {
    case 'manifest':
    case 'level':
      return memory;
    case 'playlist': {
      const { playlist } = memory;
      if (playlist !== undefined && isRestarted(playlist, event, now)) return trouble('restarted');
      return { ...memory, playlist: withPlaylist(playlist, event, now) };
    }
    case 'network-error': {
      const failed = { ...memory, failedRequestAt: now };
      // The engine repeats such a request in vain. A missing segment may be answered with 403 as well.
      if ((event.status === 403 || event.status === 410) && (event.fatal || event.what !== 'segment'))
        return { ...failed, ...only(trouble('expired')) };
      return event.fatal ? { ...failed, ...only(trouble('network')) } : failed;
    }
    case 'media-error':
      return event.fatal ? trouble('media') : memory;
    case 'broken':
      return trouble('engine');
  }
}

function only({ trouble }: Supervision): Pick<Supervision, 'trouble'> {
  return { trouble };
}

function isAway({ now, hiddenSince, pausedSince }: Facts): boolean {
  return (
    (hiddenSince !== undefined && now - hiddenSince >= HIDDEN_MS) ||
    (pausedSince !== undefined && now - pausedSince >= PAUSED_MS)
  );
}

/** An expired address has been replaced. */
function isRenewed({ facts, memory }: Pick<Situation, 'facts' | 'memory'>): boolean {
  const { url } = facts.channel;
  return url !== undefined && url !== memory.loaded?.url;
}

function isRecent(at: number | undefined, { now }: Facts): boolean {
  return at !== undefined && now - at < REMEDY_INTERVAL_MS;
}

const calm = { trouble: undefined, retryAt: undefined, probingSince: undefined } as const;
const unloaded = {
  ...calm,
  ...{ loaded: undefined, incoming: undefined, playlist: undefined, migrating: false },
} as const;

function load(
  { facts }: Pick<Situation, 'facts' | 'memory'>,
  changes: Partial<Supervision>,
): Step | undefined {
  const { url, stream } = facts.channel;
  if (url === undefined) return undefined;
  return {
    changes: {
      ...calm,
      incoming: undefined,
      playlist: undefined,
      soughtAt: undefined,
      loaded: { url, stream, at: facts.now },
      ...changes,
    },
    actions: [{ type: 'load', url }],
  };
}

/** A new engine loads in the next decision. */
function openEngine(facts: Facts, { migrating }: Supervision): Step {
  return {
    changes: { ...unloaded, migrating, openedAt: facts.now },
    actions: [{ type: 'open-engine' }],
  };
}

/** Plans an attempt, and asks the service meanwhile: it may know why, or another address. */
function schedule(memory: Supervision, { now }: Facts, random: () => number): Step {
  const attempts = memory.attempts + 1;
  // Of many viewers with the same trouble, each one asks rarely; a new address is what an expired one waits for.
  const asks = memory.trouble?.kind === 'expired' || now - (memory.refreshedAt ?? -Infinity) >= REFRESH_MS;
  return {
    changes: {
      trouble: memory.trouble,
      probingSince: memory.probingSince,
      attempts,
      retryAt: now + streamDelayMs(attempts, random),
      refreshedAt: asks ? now : memory.refreshedAt,
    },
    actions: asks ? [{ type: 'refresh-channel' }] : [],
  };
}
