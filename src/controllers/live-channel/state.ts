import { sameStream, type StreamRecord } from '../../api/stream-records.ts';
import type { Failure, Found, Observed, StreamState } from '../../channel/state.ts';
import type { AgoraCredentials } from '../relays/agora-credentials.ts';

/** The state of a reconcile: the facts for decisions, and the credentials that steps need. */
export interface ChannelState {
  readonly observed: Observed;
  readonly credentials: Found<AgoraCredentials>;
}

/** The same state with a failure of the channel itself. */
export function withFailure(state: ChannelState, failure: Failure): ChannelState {
  return { ...state, observed: { ...state.observed, failure } };
}

/** The observed stream of the record; undefined if there is none. */
export function streamOfRecord({ observed }: ChannelState, record: StreamRecord): StreamState | undefined {
  return observed.streams.find((stream) => sameStream(stream.record, record));
}
