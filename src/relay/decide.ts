import type { RelayState } from '../api/relay-contract.ts';
import type { Reason } from '../api/reasons.ts';
import type { BrowserFacts, Facts, Fault, IngestFacts, MediaFacts, RoomFacts } from './facts.ts';
import type { IngestFailure } from './ingest/ingest-failure.ts';

export type Action =
  | { readonly type: 'start-browser' }
  | { readonly type: 'stop-browser'; readonly fault: Fault }
  | { readonly type: 'join' }
  | { readonly type: 'open-session' }
  /** The end of a broadcast, properly. */
  | { readonly type: 'close-session' }
  /** The session does not work: cut it and try another. */
  | { readonly type: 'cut-session'; readonly failure: IngestFailure }
  | { readonly type: 'exit'; readonly outcome: 'ok' | 'retryable' | 'fatal'; readonly fault: Fault };

export interface Decision {
  readonly state: RelayState;
  readonly reason: Reason;
  readonly message: string;
  readonly actions: readonly Action[];
}

/** The page says that it lives each second; a browser short of memory stops doing so and is never killed. */
export const HEARTBEAT_LIMIT_MS = 8_000;
/** More failures of the browser in a row than this, and a new container is the better cure. */
const MAX_BROWSER_FAILURES = 8;
/** The page itself gives up joining before this. */
const JOIN_LIMIT_MS = 30_000;
/** A host that publishes and sends nothing for so long is lost to this membership of the channel. */
const MEDIA_LOST_MS = 20_000;
/** So long a first picture may take before its absence is called a fault. */
const FIRST_PICTURE_MS = 5_000;
/** How old the last picture may be for a session to be opened, and for one to be kept. */
const FRESH_MS = 2_000;
const HOST_GONE_MS = 10_000;
const CONNECT_LIMIT_MS = 10_000;
/** Bytes not older than this make the relay live. */
const ACCEPTED_LIMIT_MS = 5_000;
/** One refusal may be a passing fault of the platform; so many in a row are an answer. */
const REFUSALS = 3;
const TOKEN_REFUSALS = 2;
/** Platforms hold a stream for a connection that they believe alive, IVS for 30 s, and refuse others meanwhile. */
const HELD_STREAM_MS = 35_000;

/** What the relay is, and what is to be done now. Asked again after every change and several times a second. */
export function decide(facts: Facts, now: number): Decision {
  if (facts.stopping) {
    const fault = { reason: 'ShuttingDown', message: 'The relay was asked to stop.' } as const;
    return { state: 'stopping', ...fault, actions: [{ type: 'exit', outcome: 'ok', fault }] };
  }
  const end = exit(facts, now);
  if (end !== undefined) return { state: 'failed', ...end.fault, actions: [end] };
  const actions = [...browserActions(facts, now), ...roomActions(facts, now), ...ingestActions(facts, now)];
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

function browserActions({ browser, room }: Facts, now: number): Action[] {
  if (browser.phase === 'down') return now >= browser.retryAt ? [{ type: 'start-browser' }] : [];
  if (browser.phase === 'up' && now - browser.heartbeatAt > HEARTBEAT_LIMIT_MS) {
    const message = `The page gave no sign of life for ${HEARTBEAT_LIMIT_MS / 1_000} s.`;
    return [{ type: 'stop-browser', fault: { reason: 'BrowserCrashed', message } }];
  }
  if (browser.phase === 'up' && room.phase === 'joining' && now - room.since > JOIN_LIMIT_MS) {
    const message = `The page neither joined nor gave up within ${JOIN_LIMIT_MS / 1_000} s.`;
    return [{ type: 'stop-browser', fault: { reason: 'BrowserCrashed', message } }];
  }
  return [];
}

function roomActions({ browser, room, media }: Facts, now: number): Action[] {
  if (browser.phase !== 'up') return [];
  if (room.phase === 'out') return now >= room.retryAt ? [{ type: 'join' }] : [];
  if (room.videoSince === undefined) return [];
  const silentSince = Math.max(media.videoAt ?? -Infinity, room.videoSince);
  return now - silentSince > MEDIA_LOST_MS ? [{ type: 'join' }] : [];
}

function ingestActions({ standby, media, ingest }: Facts, now: number): Action[] {
  const { phase } = ingest;
  if (phase === 'closing') return [];
  if (phase === 'none') {
    return !standby && fresh(media, now) && passable(media) && now >= ingest.retryAt
      ? [{ type: 'open-session' }]
      : [];
  }
  if (standby || !passable(media) || now - (media.videoAt ?? -Infinity) > HOST_GONE_MS) {
    return [{ type: 'close-session' }];
  }
  const failure = sessionFailure(ingest, fresh(media, now), now);
  return failure === undefined ? [] : [{ type: 'cut-session', failure }];
}

function sessionFailure(ingest: IngestFacts, mediaMoves: boolean, now: number): IngestFailure | undefined {
  if (ingest.phase === 'connecting' && now - ingest.since > CONNECT_LIMIT_MS) {
    const message = `The ingest took no stream within ${CONNECT_LIMIT_MS / 1_000} s.`;
    return { reason: 'IngestUnreachable', message, refused: false };
  }
  const movedAt = ingest.acceptedAt ?? ingest.since;
  if (ingest.phase === 'publishing' && mediaMoves && now - movedAt > ACCEPTED_LIMIT_MS) {
    const message = `The ingest took nothing for ${ACCEPTED_LIMIT_MS / 1_000} s.`;
    return { reason: 'MediaStalled', message, refused: false };
  }
  return undefined;
}

const fresh = ({ videoAt }: MediaFacts, now: number): boolean =>
  videoAt !== undefined && now - videoAt < FRESH_MS;
const passable = ({ mimeType }: MediaFacts): boolean => mimeType === 'video/H264';

type Description = Omit<Decision, 'actions'>;

/** The first that holds, from the ingest back to the browser: what reaches the ingest counts, not how. */
function describe(facts: Facts, now: number): Description {
  const { ingest, browser, room } = facts;
  if (ingest.phase === 'publishing' && now - (ingest.acceptedAt ?? -Infinity) <= ACCEPTED_LIMIT_MS) {
    return { state: 'live', reason: 'Live', message: 'The ingest takes media.' };
  }
  if (browser.phase !== 'up') return describeBrowser(browser, ingest);
  if (room.phase !== 'joined') return describeRoom(room);
  return describeMedia(facts, now);
}

function describeBrowser(browser: BrowserFacts, ingest: IngestFacts): Description {
  const message = browser.failures === 0 ? 'The browser starts.' : 'The browser is being restarted.';
  return {
    state: ingest.phase === 'none' ? 'starting' : 'stalled',
    reason: browser.failures === 0 ? 'RelayStarting' : 'BrowserCrashed',
    message,
  };
}

function describeRoom({ fault }: RoomFacts): Description {
  if (fault === undefined) {
    return { state: 'joining', reason: 'RelayStarting', message: 'Joining the Agora channel.' };
  }
  const reason = fault.cause === 'token-rejected' ? 'AgoraTokenRejected' : 'AgoraUnreachable';
  return { state: 'joining', reason, message: fault.message };
}

function describeMedia({ standby, room, media, ingest }: Facts, now: number): Description {
  if (room.host === null) {
    return { state: 'waiting', reason: 'WaitingForHost', message: 'Joined; nobody publishes video.' };
  }
  if (!room.host.video) {
    return { state: 'waiting', reason: 'WaitingForHost', message: 'The host publishes no video now.' };
  }
  if (media.mimeType !== '' && !passable(media)) {
    return {
      state: 'waiting',
      reason: 'CodecUnsupported',
      message: `The host sends ${media.mimeType}; this relay passes on H.264 alone.`,
    };
  }
  if (standby)
    return { state: 'waiting', reason: 'NotInUse', message: 'Standing by: ready and not pushing.' };
  if (ingest.phase === 'publishing') {
    return { state: 'stalled', reason: 'MediaStalled', message: 'The ingest has stopped taking media.' };
  }
  if (!fresh(media, now)) {
    if (now - (room.videoSince ?? now) < FIRST_PICTURE_MS) {
      return {
        state: 'connecting',
        reason: 'RelayStarting',
        message: "Waiting for the host's first picture.",
      };
    }
    return {
      state: 'stalled',
      reason: 'MediaStalled',
      message: 'The host publishes and no picture arrives.',
    };
  }
  if (ingest.failure !== undefined) {
    return { state: 'connecting', reason: ingest.failure.reason, message: ingest.failure.message };
  }
  return { state: 'connecting', reason: 'RelayStarting', message: 'Connecting to the ingest.' };
}
