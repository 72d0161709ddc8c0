import type { Reason } from '../api/reasons.ts';
import { DRAINED_LAG_MS } from './congestion/congestion-plan.ts';
import { describe, FRESH_MS, fromHost, type Description } from './describe.ts';
import type { Facts, Fault, IngestFacts, ResourceFacts } from './facts.ts';
import type { IngestFailure } from './ingest/ingest-failure.ts';
import { samePlan, type SessionPlan } from './ingest/session-plan.ts';
import type { VideoStream } from './page-protocol.ts';
import { OVERLOADED_DELAY_MS } from './resources.ts';

/** What the supervisor has to do. */
export type Action =
  | { readonly type: 'start-browser' }
  | { readonly type: 'stop-browser'; readonly fault: Fault }
  /** Opens another page in the same browser, which is quicker than starting another browser. */
  | { readonly type: 'replace-page'; readonly fault: Fault }
  | { readonly type: 'join' }
  | { readonly type: 'choose-stream'; readonly stream: VideoStream }
  | { readonly type: 'open-session'; readonly plan: SessionPlan }
  /** Ends the RTMP session cleanly, as at the end of a broadcast. */
  | { readonly type: 'close-session'; readonly why: string }
  /** The session does not work: closes it without a goodbye, so that another one can be tried. */
  | { readonly type: 'cut-session'; readonly failure: IngestFailure }
  | { readonly type: 'exit'; readonly outcome: 'ok' | 'retryable' | 'fatal'; readonly fault: Fault };

/** The state of the relay and the actions that are due now. */
export interface Decision extends Description {
  readonly actions: readonly Action[];
}

/** Limits from the channel's configuration and the relay's settings. */
export interface DecisionSettings {
  /** How long a stream without a host is kept on air, in milliseconds; Infinity for without a limit. */
  readonly holdMs: number;
  /** true if the ingest does not accept a change of the resolution within a session. */
  readonly sessionPerSize: boolean;
  /**
   * true if frames must not be transcoded. Then the host's low-quality stream may be the only one within the limits.
   */
  readonly neverTranscode: boolean;
  /** Anonymous memory of the browser, in MiB, above which its page is replaced. */
  readonly pageMemoryMiB: number;
}

/**
 * The page sends a heartbeat every second. A page that lacks memory or runs in an endless loop stops sending, but
 * does not exit.
 */
export const HEARTBEAT_LIMIT_MS = 4_000;
/** After more failures of the browser in a row than this, a new container is the better remedy. */
const MAX_BROWSER_FAILURES = 8;
/** The page itself gives up joining before this. */
const JOIN_LIMIT_MS = 30_000;
/** If a host publishes and no media arrives for this time, this membership of the channel is broken. */
const MEDIA_LOST_MS = 15_000;
/** Packets reach the browser but no frame reaches the relay: the page has lost its tap. */
const FRAMES_STUCK_MS = 4_000;
const CONNECT_LIMIT_MS = 6_000;
/** FFmpeg is fed without pauses and always has output. This is how long it may produce none. */
const ENCODER_LIMIT_MS = 2_500;
/** If the ingest acknowledges nothing of what was sent for this time, the connection to it is dead. */
const ACKNOWLEDGE_LIMIT_MS = 3_500;
/** An ingest that acknowledges bytes but is this far behind does not catch up. */
const LAG_LIMIT_MS = 10_000;
/** A single refusal may be a temporary fault of the platform; this number of refusals in a row is final. */
const MAX_KEY_REFUSALS = 3;
const MAX_TOKEN_REFUSALS = 2;
/**
 * Platforms keep a stream reserved for a connection that they believe alive, IVS for 30 s, and refuse others
 * meanwhile.
 */
const HELD_STREAM_MS = 35_000;
/** From this number of file pages read back per second on, lack of memory explains why a page is silent. */
const SHORT_REFAULTS_PER_SECOND = 2_000;
/**
 * From this number per second on, nothing makes progress any longer, and there is no point in waiting until the page
 * is silent.
 */
const THRASHING_REFAULTS_PER_SECOND = 20_000;
/** A new page reads its program from disk, too, so THRASHING_REFAULTS_PER_SECOND does not apply during this time. */
const PAGE_LOADING_MS = 3_000;

/**
 * Decides the state of the relay and the actions due now. Evaluated after every change and several times per second.
 * Pure.
 */
export function decide(facts: Facts, settings: DecisionSettings, now: number): Decision {
  if (facts.stopping) {
    const fault = { reason: 'ShuttingDown', message: 'The relay received a request to stop.' } as const;
    return { state: 'stopping', ...fault, actions: [{ type: 'exit', outcome: 'ok', fault }] };
  }
  const end = exit(facts, now);
  if (end !== undefined) return { state: 'failed', ...end.fault, actions: [end] };
  const actions = [
    ...browserActions(facts, settings, now),
    ...roomActions(facts, settings, now),
    ...ingestActions(facts, settings, now),
  ];
  return { ...describe(facts, now), actions };
}

function exit({ browser, room, ingest }: Facts, now: number): Extract<Action, { type: 'exit' }> | undefined {
  const fatal = (reason: Reason, message: string) =>
    ({ type: 'exit', outcome: 'fatal', fault: { reason, message } }) as const;
  if (room.fault?.cause === 'banned') return fatal('AgoraBanned', room.fault.message);
  if (room.fault !== undefined && room.tokenRefusals >= MAX_TOKEN_REFUSALS) {
    return fatal('AgoraTokenRejected', room.fault.message);
  }
  const patience = ingest.keyWorked ? HELD_STREAM_MS : 0;
  if (
    ingest.failure !== undefined &&
    ingest.refusals >= MAX_KEY_REFUSALS &&
    now - (ingest.refusedSince ?? now) >= patience
  ) {
    return fatal(ingest.failure.reason, ingest.failure.message);
  }
  if (browser.failures > MAX_BROWSER_FAILURES) {
    const message = `The browser failed ${browser.failures} times in a row.`;
    return { type: 'exit', outcome: 'retryable', fault: { reason: 'BrowserCrashed', message } };
  }
  return undefined;
}

function browserActions(facts: Facts, settings: DecisionSettings, now: number): Action[] {
  const { browser, room, resources } = facts;
  if (browser.phase === 'down') return now >= browser.retryAt ? [{ type: 'start-browser' }] : [];
  if (browser.phase === 'starting') return [];
  const refaults = resources.refaultsPerSecond ?? 0;
  if (refaults > THRASHING_REFAULTS_PER_SECOND && now - browser.since > PAGE_LOADING_MS) {
    return [{ type: 'replace-page', fault: because(resources, 'The browser makes no progress.') }];
  }
  // If the relay itself is late, it also reads the page's messages late, unless the cause is lack of memory.
  const listening = resources.lateMs < OVERLOADED_DELAY_MS || refaults > SHORT_REFAULTS_PER_SECOND;
  if (listening && now - browser.heartbeatAt > HEARTBEAT_LIMIT_MS) {
    const message = `The page did not respond for ${HEARTBEAT_LIMIT_MS / 1_000} s.`;
    return [{ type: 'replace-page', fault: because(resources, message) }];
  }
  if (framesStuck(facts, now)) {
    const message = `Media reached the browser, but not the relay, for ${FRAMES_STUCK_MS / 1_000} s.`;
    return [{ type: 'replace-page', fault: because(resources, message) }];
  }
  if (room.phase === 'joining' && now - room.since > JOIN_LIMIT_MS) {
    const message = `The page did not finish joining within ${JOIN_LIMIT_MS / 1_000} s.`;
    return [{ type: 'replace-page', fault: { reason: 'BrowserCrashed', message } }];
  }
  if (browser.memoryMiB !== undefined && browser.memoryMiB > settings.pageMemoryMiB) {
    const message = `The browser uses ${Math.round(browser.memoryMiB)} MiB; the limit is ${Math.round(settings.pageMemoryMiB)} MiB.`;
    return [{ type: 'replace-page', fault: { reason: 'MemoryPressure', message } }];
  }
  return [];
}

/** A browser that lacks memory is not killed: it only reads its own program back from disk and makes no progress. */
function because(resources: ResourceFacts, message: string): Fault {
  const refaults = resources.refaultsPerSecond ?? 0;
  if (refaults < SHORT_REFAULTS_PER_SECOND) return { reason: 'BrowserCrashed', message };
  return {
    reason: 'MemoryPressure',
    message: `${message} It reads ${Math.round(refaults)} pages per second back from disk. Give the relay more memory (spec.relay.template.resources).`,
  };
}

function framesStuck({ room, media }: Facts, now: number): boolean {
  if (room.videoSince === undefined || room.packetsAt === undefined) return false;
  const framesAt = Math.max(media.videoAt ?? -Infinity, room.videoSince);
  return now - room.packetsAt < FRESH_MS && room.packetsAt - framesAt > FRAMES_STUCK_MS;
}

function roomActions(
  { browser, room, media, plan, congestion }: Facts,
  settings: DecisionSettings,
  now: number,
): Action[] {
  if (browser.phase !== 'up') return [];
  if (room.phase === 'out') return now >= room.retryAt ? [{ type: 'join' }] : [];
  if (room.videoSince === undefined) return [];
  const silentSince = Math.max(media.videoAt ?? -Infinity, room.videoSince);
  if (now - silentSince > MEDIA_LOST_MS) return [{ type: 'join' }];
  if (congestion.stream !== undefined && congestion.stream !== room.videoStream)
    return [{ type: 'choose-stream', stream: congestion.stream }];
  // Without transcoding, the host's low-quality stream, if there is one, may still be within the limit.
  if (settings.neverTranscode && plan.reason === 'ResolutionTooHigh' && room.videoStream === 'high')
    return [{ type: 'choose-stream', stream: 'low' }];
  return [];
}

function ingestActions(facts: Facts, settings: DecisionSettings, now: number): Action[] {
  const { standby, media, ingest, plan } = facts;
  if (ingest.phase === 'closing') return [];
  if (ingest.phase === 'none') {
    const ready = !standby && fromHost(media, now) && now >= ingest.retryAt;
    return ready && plan.plan !== undefined ? [{ type: 'open-session', plan: plan.plan }] : [];
  }
  const why = whyClose(facts, settings, now);
  if (why !== undefined) return [{ type: 'close-session', why }];
  const failure = sessionFailure(ingest, now);
  return failure === undefined ? [] : [{ type: 'cut-session', failure }];
}

function whyClose(
  { standby, media, ingest, plan, congestion, reencoder }: Facts,
  settings: DecisionSettings,
  now: number,
): string | undefined {
  if (standby) return 'the relay is a standby';
  const { holdMs, sessionPerSize } = settings;
  const lastFromHost = Math.max(media.videoAt ?? -Infinity, media.audioAt ?? -Infinity);
  if (now - lastFromHost > holdMs) return `no media from a host for ${holdMs / 1_000} s`;
  if (plan.plan === undefined) return plan.message;
  if (ingest.plan !== undefined && !samePlan(ingest.plan, plan.plan)) {
    return plan.plan.mode === 'transcode' ? plan.message : 'video can be passed through again';
  }
  const [was, is] = [ingest.format, media.format];
  const otherSize =
    was !== undefined && is !== undefined && (was.width !== is.width || was.height !== is.height);
  // What waits for a slow ingest would be lost, and keep the stream from the next session while it arrives.
  if (congestion.step.kind === 'small-stream' && ingest.lagMs > DRAINED_LAG_MS) return undefined;
  // What is encoded again keeps its size.
  return sessionPerSize && otherSize && plan.plan.mode === 'passthrough' && reencoder.plan === undefined
    ? `the resolution changed to ${is.width}x${is.height}`
    : undefined;
}

function sessionFailure(ingest: IngestFacts, now: number): IngestFailure | undefined {
  if (ingest.phase === 'connecting') {
    if (now - ingest.since <= CONNECT_LIMIT_MS) return undefined;
    const message = `The ingest did not accept the stream within ${CONNECT_LIMIT_MS / 1_000} s.`;
    return { reason: 'IngestUnreachable', message, refused: false };
  }
  if (now - Math.max(ingest.encodedAt ?? -Infinity, ingest.since) > ENCODER_LIMIT_MS) {
    const message = `FFmpeg produced no output for ${ENCODER_LIMIT_MS / 1_000} s.`;
    return { reason: 'EncoderCrashed', message, refused: false };
  }
  const acceptedAt = Math.max(ingest.acceptedAt ?? -Infinity, ingest.since);
  if (ingest.lagMs > ACKNOWLEDGE_LIMIT_MS && now - acceptedAt > ACKNOWLEDGE_LIMIT_MS) {
    const message = `The ingest acknowledged nothing for ${ACKNOWLEDGE_LIMIT_MS / 1_000} s.`;
    return { reason: 'MediaStalled', message, refused: false };
  }
  if (ingest.lagMs > LAG_LIMIT_MS) {
    const message = `The ingest is ${Math.round(ingest.lagMs / 1_000)} s behind.`;
    return { reason: 'MediaStalled', message, refused: false };
  }
  return undefined;
}
