import type { Reason } from '../api/reasons.ts';
import type { IngestFailure } from './ingest/ingest-failure.ts';
import type { PlanChoice, SessionPlan } from './ingest/session-plan.ts';
import type { VideoFormat } from './media/packet.ts';
import type { Host, RoomFault } from './page-protocol.ts';

/** What the relay knows of its parts at one moment. Times are milliseconds of the relay's clock. */
export interface Facts {
  /** The relay was asked to stop. */
  readonly stopping: boolean;
  /** Joined and ready, and not to push. */
  readonly standby: boolean;
  readonly browser: BrowserFacts;
  readonly room: RoomFacts;
  readonly media: MediaFacts;
  readonly ingest: IngestFacts;
  readonly resources: ResourceFacts;
  /** How the frames are to be sent on. */
  readonly plan: PlanChoice;
}

export type BrowserFacts = {
  /** Starts that failed, and browsers and pages that died early, in a row. */
  readonly failures: number;
} & (
  | { readonly phase: 'down'; readonly retryAt: number }
  | { readonly phase: 'starting'; readonly since: number }
  | {
      readonly phase: 'up';
      readonly since: number;
      /** When the page last said that it lives, as it does each second. */
      readonly heartbeatAt: number;
      /** Anonymous memory of the browser's processes, MiB; undefined before it was looked at. */
      readonly memoryMiB: number | undefined;
    }
);

export interface RoomFacts {
  readonly phase: 'out' | 'joining' | 'joined';
  /** Since when the phase is what it is. */
  readonly since: number;
  /** Not to be joined again before this. */
  readonly retryAt: number;
  /** Why the last membership ended or did not come about. */
  readonly fault: Omit<RoomFault, 'detail'> | undefined;
  /** How often in a row the present token was refused. */
  readonly tokenRefusals: number;
  readonly host: Host | null;
  /** Since when the host publishes video; undefined while it does not. */
  readonly videoSince: number | undefined;
  /** Which of the host's two streams is asked for. */
  readonly videoStream: 'high' | 'low';
  /** When a packet of the followed host's video last reached the browser, as its statistics say. */
  readonly packetsAt: number | undefined;
}

export interface MediaFacts {
  /** When the last frame of the host's video and of its sound came; undefined before the first. */
  readonly videoAt: number | undefined;
  readonly audioAt: number | undefined;
  /** Of the host's last keyframe. */
  readonly format: VideoFormat | undefined;
  /** When that came, and when the first frame of this receiver did. */
  readonly keyframeAt: number | undefined;
  readonly receiverSince: number | undefined;
  /** Of the host's frames in the last seconds. */
  readonly videoBitrateKbps: number;
  readonly frameRate: number;
  /** How often the resolution changed in the last minute. */
  readonly sizeChanges: number;
  /** Since when something else stands in for the host's video; undefined while it does not. */
  readonly heldSince: number | undefined;
}

export interface IngestFacts {
  readonly phase: 'none' | 'connecting' | 'publishing' | 'closing';
  readonly since: number;
  /** What the session was opened with; undefined without one. */
  readonly plan: SessionPlan | undefined;
  /** What its frames looked like when it was opened. */
  readonly format: VideoFormat | undefined;
  /** When FFmpeg last gave out bytes in this session. */
  readonly encodedAt: number | undefined;
  /** When the ingest last acknowledged bytes in this session. */
  readonly acceptedAt: number | undefined;
  /** Age of the oldest bytes that were handed over and are not acknowledged; 0 when all are. */
  readonly lagMs: number;
  /** No new session before this. */
  readonly retryAt: number;
  readonly failure: IngestFailure | undefined;
  /** How often in a row the present key was refused, and since when. */
  readonly refusals: number;
  readonly refusedSince: number | undefined;
  /** Whether the ingest has taken the present key before. */
  readonly keyWorked: boolean;
}

/** How the container is off. undefined: not known here. */
export interface ResourceFacts {
  readonly memoryMiB: number | undefined;
  readonly memoryLimitMiB: number | undefined;
  /**
   * Pages of files that were given up and needed again, in the better of the last two seconds. A
   * relay that has enough memory has next to none; one that has far too little has 20,000 to 300,000.
   */
  readonly refaultsPerSecond: number | undefined;
  /** Part of the last seconds in which a CPU limit held the container back, 0 to 1. */
  readonly throttled: number | undefined;
  /** How late the relay's own timer came at worst in the last seconds, milliseconds. */
  readonly lateMs: number;
}

/** Why a part was restarted or the relay ended. */
export interface Fault {
  readonly reason: Reason;
  /** For people: it becomes the message of a condition. */
  readonly message: string;
  /** The text of a library, another program or the peer. It is logged and goes no further. */
  readonly detail?: string;
}
