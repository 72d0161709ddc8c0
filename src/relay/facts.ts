import type { Reason } from '../api/reasons.ts';
import type { IngestFailure } from './ingest/ingest-failure.ts';
import type { Host, RoomFault } from './page-protocol.ts';

/** What the relay knows of its parts at one moment. Times are milliseconds of the relay's clock. */
export interface Facts {
  /** Somebody asked the relay to end. */
  readonly stopping: boolean;
  /** Joined and ready, and not to push. */
  readonly standby: boolean;
  readonly browser: BrowserFacts;
  readonly room: RoomFacts;
  readonly media: MediaFacts;
  readonly ingest: IngestFacts;
}

export type BrowserFacts = {
  /** Starts that failed, and browsers and pages that died early, in a row. */
  readonly failures: number;
} & (
  | { readonly phase: 'down'; readonly retryAt: number }
  | { readonly phase: 'starting' }
  | { readonly phase: 'up'; readonly heartbeatAt: number }
);

export interface RoomFacts {
  readonly phase: 'out' | 'joining' | 'joined';
  /** Since when the phase is what it is. */
  readonly since: number;
  /** Not to be joined again before this. */
  readonly retryAt: number;
  /** Why the last membership ended or did not come about. */
  readonly fault: RoomFault | undefined;
  /** How often in a row the present token was refused. */
  readonly tokenRefusals: number;
  readonly host: Host | null;
  /** Since when the host publishes video; undefined while it does not. */
  readonly videoSince: number | undefined;
}

export interface MediaFacts {
  /** When the last frame of the host's picture came; undefined before the first. */
  readonly videoAt: number | undefined;
  /** Of the last picture, e.g. video/H264. */
  readonly mimeType: string;
}

export interface IngestFacts {
  readonly phase: 'none' | 'connecting' | 'publishing' | 'closing';
  readonly since: number;
  /** When the ingest last took bytes in this session. */
  readonly acceptedAt: number | undefined;
  /** No new session before this. */
  readonly retryAt: number;
  readonly failure: IngestFailure | undefined;
  /** How often in a row the present key was refused, and since when. */
  readonly refusals: number;
  readonly refusedSince: number | undefined;
  /** Whether the ingest has taken the present key before. */
  readonly keyWorked: boolean;
}

/** Why a part was restarted or the relay ended. */
export interface Fault {
  readonly reason: Reason;
  readonly message: string;
}
