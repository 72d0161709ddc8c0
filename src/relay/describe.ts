import type { Reason } from '../api/reasons.ts';
import type { RelayState } from '../api/relay-contract.ts';
import type { BrowserFacts, Facts, IngestFacts, MediaFacts, RoomFacts } from './facts.ts';

/** State of the relay with its reason. The message becomes that of the condition RelayReady. */
export interface Description {
  readonly state: RelayState;
  readonly reason: Reason;
  readonly message: string;
}

/** Age up to which the host's last video frame or audio packet counts as current. */
export const FRESH_MS = 2_000;
/** Time until the first frame after which its absence is a fault. */
const FIRST_FRAME_MS = 5_000;
/** If the ingest accepted bytes within this time, the relay is live. */
const ACCEPTED_LIMIT_MS = 5_000;

/** Whether the host sends video, or audio while its last frame is held. */
export const fromHost = ({ videoAt, audioAt, format, heldSince }: MediaFacts, now: number): boolean =>
  (format !== undefined && now - (videoAt ?? -Infinity) < FRESH_MS) ||
  (heldSince !== undefined && now - (audioAt ?? -Infinity) < FRESH_MS);

/**
 * Returns the first description that applies, checked from the ingest back to the browser: what counts is whether
 * media reaches the ingest.
 */
export function describe(facts: Facts, now: number): Description {
  const { ingest, browser, room, media } = facts;
  if (ingest.phase === 'publishing' && now - (ingest.acceptedAt ?? -Infinity) <= ACCEPTED_LIMIT_MS) {
    return media.heldSince === undefined
      ? { state: 'live', reason: 'Live', message: 'The ingest accepts media.' }
      : {
          state: 'live',
          reason: 'LastFrameHeld',
          message: `The last frame is held: ${whyHeld(facts, now)}`,
        };
  }
  if (browser.phase !== 'up') return describeBrowser(browser, ingest);
  if (room.phase !== 'joined') return describeRoom(room);
  return describeMedia(facts, now);
}

function whyHeld({ browser, room, media, ingest }: Facts, now: number): string {
  if (browser.phase !== 'up') return describeBrowser(browser, ingest).message;
  if (room.phase !== 'joined') return describeRoom(room).message;
  if (room.host === null) return `no host is in Agora channel "${room.channelName}".`;
  if (!room.host.video) return 'the host does not publish video.';
  return now - (media.videoAt ?? -Infinity) < FRESH_MS
    ? 'waiting for a keyframe from the host.'
    : 'the host publishes video, but none arrives.';
}

function describeBrowser(browser: BrowserFacts, ingest: IngestFacts): Description {
  const message = browser.failures === 0 ? 'The browser is starting.' : 'The browser is being restarted.';
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

function absentHost({ channelName, hostUid }: RoomFacts): string {
  const host = hostUid === undefined ? 'No host is' : `Host ${hostUid} is not`;
  return (
    `${host} in Agora channel "${channelName}" yet. If the host publishes, ` +
    'compare its channel name, app ID and uid with spec.agora.'
  );
}

function describeMedia({ standby, room, media, ingest, plan }: Facts, now: number): Description {
  if (standby) return { state: 'waiting', reason: 'NotInUse', message: 'Standby: joined, not pushing.' };
  if (ingest.phase === 'publishing') {
    return { state: 'stalled', reason: 'MediaStalled', message: 'The ingest no longer accepts media.' };
  }
  if (ingest.phase === 'none' && !fromHost(media, now)) {
    if (room.host === null) return { state: 'waiting', reason: 'WaitingForHost', message: absentHost(room) };
    if (!room.host.video)
      return {
        state: 'waiting',
        reason: 'WaitingForHost',
        message: `Host ${room.host.uid} is in Agora channel "${room.channelName}" and does not publish video.`,
      };
    return now - (room.videoSince ?? now) < FIRST_FRAME_MS
      ? { state: 'connecting', reason: 'RelayStarting', message: "Waiting for the host's first frame." }
      : { state: 'stalled', reason: 'MediaStalled', message: 'The host publishes video, but none arrives.' };
  }
  if (plan.plan === undefined) return { state: 'waiting', reason: plan.reason, message: plan.message };
  if (ingest.failure !== undefined) {
    return { state: 'connecting', reason: ingest.failure.reason, message: ingest.failure.message };
  }
  return { state: 'connecting', reason: 'RelayStarting', message: 'Connecting to the ingest.' };
}
