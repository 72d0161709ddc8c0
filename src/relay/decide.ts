import type { Reason } from '../api/reasons.ts';
import { describe, FRESH_MS, fromHost, type Description } from './describe.ts';
import type { Facts, Fault, IngestFacts, ResourceFacts } from './facts.ts';
import type { IngestFailure } from './ingest/ingest-failure.ts';
import { samePlan, type SessionPlan } from './ingest/session-plan.ts';
import type { VideoStream } from './page-protocol.ts';

export type Action =
  | { readonly type: 'start-browser' }
  | { readonly type: 'stop-browser'; readonly fault: Fault }
  /** Another page in the same browser, which is there sooner than another browser. */
  | { readonly type: 'replace-page'; readonly fault: Fault }
  | { readonly type: 'join' }
  | { readonly type: 'choose-stream'; readonly stream: VideoStream }
  | { readonly type: 'open-session'; readonly plan: SessionPlan }
  /** The end of a broadcast, properly. */
  | { readonly type: 'close-session'; readonly why: string }
  /** The session does not work: cut it and try another. */
  | { readonly type: 'cut-session'; readonly failure: IngestFailure }
  | { readonly type: 'exit'; readonly outcome: 'ok' | 'retryable' | 'fatal'; readonly fault: Fault };

export interface Decision extends Description {
  readonly actions: readonly Action[];
}

/** What the channel's configuration and the relay's settings say. */
export interface DecisionSettings {
  /** A stream without a host is kept on air for so long; Infinity = without a limit. */
  readonly holdMs: number;
  /** true where a session cannot bear another resolution. */
  readonly sessionPerSize: boolean;
  /** true where the frames must not be encoded again, so that a host's small stream may be the only way. */
  readonly neverTranscode: boolean;
  /** Anonymous memory of the browser, MiB, from which on its page is replaced. */
  readonly pageMemoryMiB: number;
}

/** The page says that it lives each second; one short of memory, or in an endless loop, stops doing so and lives on. */
export const HEARTBEAT_LIMIT_MS = 4_000;
/** More failures of the browser in a row than this, and a new container is the better cure. */
const MAX_BROWSER_FAILURES = 8;
/** The page itself gives up joining before this. */
const JOIN_LIMIT_MS = 30_000;
/** A host that publishes and sends nothing for so long is lost to this membership of the channel. */
const MEDIA_LOST_MS = 15_000;
/** Packets reach the browser and no frame comes out of it: the page has lost its tap. */
const FRAMES_STUCK_MS = 4_000;
const CONNECT_LIMIT_MS = 6_000;
/** FFmpeg is fed all the time and always has something to give; this is as long as it may keep it to itself. */
const ENCODER_LIMIT_MS = 2_500;
/** Nothing acknowledged for so long, of bytes that were sent before: the way to the ingest is dead. */
const ACKNOWLEDGE_LIMIT_MS = 3_500;
/** An ingest that acknowledges and is as far behind as this does not catch up. */
const LAG_LIMIT_MS = 10_000;
/** One refusal may be a passing fault of the platform; so many in a row are an answer. */
const REFUSALS = 3;
const TOKEN_REFUSALS = 2;
/** Platforms hold a stream for a connection that they believe alive, IVS for 30 s, and refuse others meanwhile. */
const HELD_STREAM_MS = 35_000;
/** From so many pages that are read back from disk on, a page that is silent is so for lack of memory. */
const SHORT_REFAULTS = 2_000;
/** From so many on, nothing makes progress any longer: there is no point in waiting for the page to fall silent. */
const THRASHING_REFAULTS = 20_000;
/** A new page reads its program, too. */
const LOADING_MS = 3_000;
/** When the relay itself is as late as this, the silence of its page proves little. */
const OVERLOADED_MS = 1_500;

/** What the relay is, and what is to be done now. Asked again after every change and several times a second. */
export function decide(facts: Facts, settings: DecisionSettings, now: number): Decision {
  if (facts.stopping) {
    const fault = { reason: 'ShuttingDown', message: 'The relay was asked to stop.' } as const;
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
  if (room.fault !== undefined && room.tokenRefusals >= TOKEN_REFUSALS) {
    return fatal('AgoraTokenRejected', room.fault.message);
  }
  const patience = ingest.keyWorked ? HELD_STREAM_MS : 0;
  if (
    ingest.failure !== undefined &&
    ingest.refusals >= REFUSALS &&
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
  if (refaults > THRASHING_REFAULTS && now - browser.since > LOADING_MS) {
    return [{ type: 'replace-page', fault: because(resources, 'The browser makes no progress.') }];
  }
  // A relay that is late itself reads the page's words late, unless lack of memory is what makes it late.
  const listening = resources.lateMs < OVERLOADED_MS || refaults > SHORT_REFAULTS;
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

/** A browser short of memory is not killed: it goes on reading its own program back from disk, and does nothing else. */
function because(resources: ResourceFacts, message: string): Fault {
  const refaults = resources.refaultsPerSecond ?? 0;
  if (refaults < SHORT_REFAULTS) return { reason: 'BrowserCrashed', message };
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
  { browser, room, media, plan }: Facts,
  settings: DecisionSettings,
  now: number,
): Action[] {
  if (browser.phase !== 'up') return [];
  if (room.phase === 'out') return now >= room.retryAt ? [{ type: 'join' }] : [];
  if (room.videoSince === undefined) return [];
  const silentSince = Math.max(media.videoAt ?? -Infinity, room.videoSince);
  if (now - silentSince > MEDIA_LOST_MS) return [{ type: 'join' }];
  // A cap that may not be met by encoding again may still be met by the host's small stream, if there is one.
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
  { standby, media, ingest, plan }: Facts,
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
  return sessionPerSize && otherSize && plan.plan.mode === 'passthrough'
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
