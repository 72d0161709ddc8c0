import { isTokenOutdated } from '../pod/agora-token.ts';
import { cannotPublish, needsStandby } from './failover.ts';
import { secretMatchesStream } from './secret-matches-stream.ts';
import { stepForPod, stepTowardsNoStandby, type StreamStep } from './stream-step.ts';
import type { StreamState, Observed, Standby } from '../state.ts';
import { otherSlot } from '../../api/stream-records.ts';
import { agoraSubject } from '../pod/relay-config.ts';

/** The next step towards a second relay for the stream where it needs one, or towards removing it where it does not. */
export function stepTowardsStandby(
  stream: StreamState,
  observed: Observed,
  relay: boolean,
  now: Date,
): StreamStep | undefined {
  const { record, standby, secret, pod } = stream;
  const isNeeded = needsStandby(stream, observed, relay);
  if (standby === undefined) {
    if (!isNeeded || record.slot === undefined || pod === undefined) return undefined;
    const slot = otherSlot(record.slot);
    if (!secretMatchesStream(secret, record) || observed.unowned.some((each) => each.slot === slot))
      return undefined;
    return { do: 'note', record, noted: { ...record, standby: { slot, since: now.toISOString() } } };
  }
  if (!isNeeded) {
    // During a failover the previous relay stays until its successor pushes.
    const isFailingOver = relay && stream.report?.standby === true;
    return isFailingOver ? undefined : stepTowardsNoStandby(record, standby);
  }
  return secretMatchesStream(secret, record) ? stepForStandby(stream, standby, observed, now) : undefined;
}

function stepForStandby(
  { record, platform }: StreamState,
  standby: Standby,
  { channel, credentials }: Observed,
  now: Date,
): StreamStep | undefined {
  const { slot, secret, pod, digests } = standby;
  if (standby.deferred !== undefined || !credentials.ok || !platform.ok) return undefined;
  const refresh = (why: 'token' | 'configuration' | 'slot'): StreamStep => ({
    do: 'refresh-secret',
    record,
    slot,
    why,
  });
  const revision = secret?.revision;
  if (!secretMatchesStream(secret, record)) {
    // A relay that may still push must not receive the key that fences it.
    if (pod === undefined || revision === undefined || cannotPublish(standby)) return refresh('slot');
    return stepForPod(standby, record, slot, pod, revision, true);
  }
  if (isTokenOutdated(secret, credentials.value, agoraSubject(channel, slot, credentials.value), now))
    return refresh('token');
  if (secret.configDigest !== digests.config) return refresh('configuration');
  if (pod === undefined) return { do: 'create-pod', record, slot };
  return stepForPod(standby, record, slot, pod, secret.revision, true);
}
