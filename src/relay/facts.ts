import type { Reason } from '../api/reasons.ts';
import type { Congestion } from './congestion/congestion.ts';
import type { IngestFailure } from './ingest/ingest-failure.ts';
import type { PlanChoice, SessionPlan, TranscodePlan } from './ingest/session-plan.ts';
import type { FrameSize } from './media/frame-size.ts';
import type { VideoFormat } from './media/packet.ts';
import type { Host, RoomFault } from './page-protocol.ts';

/** State of all parts of the relay at one moment. Times are milliseconds of the relay's monotonic clock. */
export interface Facts {
  /** Whether the relay has been requested to stop. */
  readonly stopping: boolean;
  /** Whether the relay is a standby, which is joined and ready but does not push. */
  readonly standby: boolean;
  readonly browser: BrowserFacts;
  readonly room: RoomFacts;
  readonly media: MediaFacts;
  readonly ingest: IngestFacts;
  readonly resources: ResourceFacts;
  /** How the host's frames are sent. */
  readonly plan: PlanChoice;
  readonly congestion: Congestion;
  readonly reencoder: ReencoderFacts;
}

/** State of the encoder that lowers the bitrate within a session because of congestion. */
export interface ReencoderFacts {
  /** undefined: frames are passed on as they are. */
  readonly plan: TranscodePlan | undefined;
  /** How many encoders have failed or were too slow. */
  readonly failures: number;
}

/** State of the browser and its page. */
export type BrowserFacts = {
  /** Number of failures in a row: starts that failed, and browsers and pages that ended early. */
  readonly failures: number;
} & (
  | { readonly phase: 'down'; readonly retryAt: number }
  | { readonly phase: 'starting'; readonly since: number }
  | {
      readonly phase: 'up';
      readonly since: number;
      /** When the page last sent its heartbeat, which it does every second. */
      readonly heartbeatAt: number;
      /** Anonymous memory of the browser's processes, in MiB; undefined before the first measurement. */
      readonly memoryMiB: number | undefined;
    }
);

/** State of the membership of the Agora channel. */
export interface RoomFacts {
  /** The Agora channel, and the uid of the host to relay there; undefined for the first that publishes video. */
  readonly channelName: string;
  readonly hostUid: number | undefined;
  readonly phase: 'out' | 'joining' | 'joined';
  /** When the phase began. */
  readonly since: number;
  /** Time before which the relay does not join again. */
  readonly retryAt: number;
  /** Why the last membership ended or could not be established. */
  readonly fault: Omit<RoomFault, 'detail'> | undefined;
  /** How many times in a row the current token was refused. */
  readonly tokenRefusals: number;
  readonly host: Host | null;
  /** When the host began to publish video; undefined while it does not. */
  readonly videoSince: number | undefined;
  /** Which of the host's two streams is requested. */
  readonly videoStream: 'high' | 'low';
  /** When a video packet of the followed host last reached the browser, according to its statistics. */
  readonly packetsAt: number | undefined;
}

/** What arrives from the host. */
export interface MediaFacts {
  /** When the host's last video frame and audio packet arrived; undefined before the first. */
  readonly videoAt: number | undefined;
  readonly audioAt: number | undefined;
  /** Format of the host's last keyframe. */
  readonly format: VideoFormat | undefined;
  /** Size of the host's last keyframe, if it is so large that it was dropped. */
  readonly unsupportedSize: FrameSize | undefined;
  /** When that keyframe arrived, and when the first frame of the current receiver did. */
  readonly keyframeAt: number | undefined;
  readonly receiverSince: number | undefined;
  /** Bitrate of the host's video during the last seconds. */
  readonly videoBitrateKbps: number;
  readonly frameRate: number;
  /** How many times the resolution changed during the last minute. */
  readonly sizeChanges: number;
  /** Since when a held frame replaces the host's video; undefined while the host's video is sent. */
  readonly heldSince: number | undefined;
}

/** State of the RTMP session. */
export interface IngestFacts {
  readonly phase: 'none' | 'connecting' | 'publishing' | 'closing';
  readonly since: number;
  /** Plan with which the session was opened; undefined without a session. */
  readonly plan: SessionPlan | undefined;
  /** Format of the video when the session was opened. */
  readonly format: VideoFormat | undefined;
  /** When FFmpeg last produced output in this session. */
  readonly encodedAt: number | undefined;
  /** When the ingest last acknowledged bytes in this session. */
  readonly acceptedAt: number | undefined;
  /** Age in milliseconds of the oldest bytes sent but not acknowledged; 0 when all are acknowledged. */
  readonly lagMs: number;
  /** How many times frames were dropped up to a keyframe because the ingest was too slow, in all sessions. */
  readonly gopsDropped: number;
  /** Time before which no new session is opened. */
  readonly retryAt: number;
  readonly failure: IngestFailure | undefined;
  /** How many times in a row the current key was refused, and since when. */
  readonly refusals: number;
  readonly refusedSince: number | undefined;
  /** Whether the ingest has accepted the current key before. */
  readonly keyWorked: boolean;
}

/** Memory and CPU pressure of the container. undefined: not known. */
export interface ResourceFacts {
  readonly memoryMiB: number | undefined;
  readonly memoryLimitMiB: number | undefined;
  /**
   * File pages per second that were reclaimed and read again, the lower of the last two seconds. A relay with enough
   * memory has next to none; one with far too little has 20,000 to 300,000.
   */
  readonly refaultsPerSecond: number | undefined;
  /** Share of the last seconds during which the CPU limit throttled the container, 0 to 1. */
  readonly throttled: number | undefined;
  /** Highest delay of the relay's own timer during the last seconds, in milliseconds. */
  readonly lateMs: number;
}

/** Why a part was restarted or the relay ended. */
export interface Fault {
  readonly reason: Reason;
  /** For users: it becomes the message of a condition. */
  readonly message: string;
  /** Text of a library, another program or the peer. It is only logged. */
  readonly detail?: string;
}
