import { sameStream, type StreamRecord } from '../../api/annotations/stream-records.ts';
import type { Failure, Found, Observed, StreamState } from '../../channel/state.ts';
import type { AgoraCredentials } from '../relays/agora-credentials.ts';

/** What a reconcile works on: the facts for decisions, and beside them the credentials that acting needs. */
export interface ChannelState {
  readonly observed: Observed;
  readonly credentials: Found<AgoraCredentials>;
}

export function withFailure(state: ChannelState, failure: Failure): ChannelState {
  return { ...state, observed: { ...state.observed, failure } };
}

export function streamOfRecord({ observed }: ChannelState, record: StreamRecord): StreamState | undefined {
  return observed.streams.find((stream) => sameStream(stream.record, record));
}
