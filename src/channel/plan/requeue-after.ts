import { nextHostProbe } from '../desired/idle.ts';
import { desiredResources, requiresRelay } from '../desired/resources.ts';
import { nextModeChange } from '../desired/stream-mode.ts';
import { renewalTime } from '../pod/agora-token.ts';
import type { Observed, StreamState } from '../state.ts';
import {
  CREDENTIALS_REQUEUE_MS,
  DELETING_REQUEUE_MS,
  NO_RELAY_REQUEUE_MS,
  NO_STREAM_REQUEUE_MS,
  ON_AIR_REQUEUE_MS,
  QUOTA_REQUEUE_MS,
  RELAY_START_REQUEUE_MS,
} from '../timing.ts';
import { isStandbyReady } from './failover.ts';

/** When the channel is reconciled again unless an event comes first. `reason` names the interval for the log. */
export interface Requeue {
  readonly afterMs: number;
  readonly reason: string;
}

/** One row of the table of intervals. */
interface Interval {
  readonly reason: string;
  /** Undefined where the interval does not apply. */
  readonly afterMs: (observed: Observed, now: Date) => number | undefined;
}

/** A time in the past is due at once; this minimum prevents a busy loop. */
const MIN_REQUEUE_MS = 100;

/** Everything that a channel may wait for. The shortest interval wins, so the order does not matter. */
const intervals: readonly Interval[] = [
  {
    reason: 'no stream is required',
    afterMs: ({ channel }) => (desiredResources(channel).stream ? undefined : NO_STREAM_REQUEUE_MS),
  },
  {
    reason: 'no relay is required',
    afterMs: ({ channel }) => {
      const { stream, relay } = desiredResources(channel);
      return stream && !relay ? NO_RELAY_REQUEUE_MS : undefined;
    },
  },
  {
    reason: 'the next probe for the host is due',
    afterMs: ({ channel }, now) => {
      const { stream, relay } = desiredResources(channel);
      return stream && !relay ? until(nextHostProbe(channel), now) : undefined;
    },
  },
  {
    reason: 'on air',
    afterMs: (observed) =>
      desiredResources(observed.channel).relay && isOnAir(observed) ? ON_AIR_REQUEUE_MS : undefined,
  },
  {
    reason: 'a relay is starting',
    afterMs: (observed) =>
      desiredResources(observed.channel).relay && !isOnAir(observed) ? RELAY_START_REQUEUE_MS : undefined,
  },
  {
    // Agora tokens are renewed at half their lifetime.
    reason: 'the Agora token is renewed',
    afterMs: (observed, now) => {
      const { credentials, channel } = observed;
      if (!credentials.ok || !desiredResources(channel).relay) return undefined;
      const renewals = withRelay(observed).map(({ secret }) =>
        secret === undefined ? undefined : until(renewalTime(secret, credentials.value), now),
      );
      return earliest(renewals);
    },
  },
  {
    reason: 'the status warns that the Agora token expires, or it has expired',
    afterMs: ({ credentials, channel }, now) => {
      if (!credentials.ok || !desiredResources(channel).relay) return undefined;
      const { token } = credentials.value;
      if (token.from !== 'app') return undefined;
      return until(now < token.expiringAt ? token.expiringAt : token.expiresAt, now);
    },
  },
  {
    reason: 'waiting for credentials or the platform',
    afterMs: ({ credentials, desired }) =>
      credentials.ok && desired.ok ? undefined : CREDENTIALS_REQUEUE_MS,
  },
  {
    reason: 'waiting for the quota',
    afterMs: ({ credentials, desired }) =>
      credentials.ok && desired.ok && desired.value.refused !== undefined ? QUOTA_REQUEUE_MS : undefined,
  },
  {
    reason: 'the next change of the stream mode is due',
    afterMs: ({ channel }, now) => until(nextModeChange(channel, requiresRelay(channel), now), now),
  },
  {
    reason: 'a stream has been drained',
    afterMs: ({ streams }, now) =>
      earliest(
        streams.map(({ record }) =>
          record.until === undefined ? undefined : until(new Date(record.until), now),
        ),
      ),
  },
];

/**
 * When to reconcile the channel again. `stepMs`: a step that was taken has to be repeated after this time, e.g. because
 * a platform needs it; it takes precedence over all intervals.
 */
export function requeueAfter(observed: Observed, stepMs: number | undefined, now: Date): Requeue {
  if (stepMs !== undefined) return { afterMs: stepMs, reason: 'a step has to be repeated' };
  if (observed.channel.metadata.deletionTimestamp !== undefined)
    return { afterMs: DELETING_REQUEUE_MS, reason: 'deleting' };
  const [first, ...others] = intervals.flatMap(({ reason, afterMs }) => {
    const ms = afterMs(observed, now);
    return ms === undefined ? [] : [{ reason, afterMs: Math.max(MIN_REQUEUE_MS, ms) }];
  });
  // One of no stream, no relay, on air and starting always applies.
  if (first === undefined) throw new Error('No interval applies');
  return others.reduce((least, each) => (each.afterMs < least.afterMs ? each : least), first);
}

const until = (time: Date | undefined, now: Date): number | undefined =>
  time === undefined ? undefined : time.getTime() - now.getTime();

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

const withRelay = ({ streams }: Observed): readonly StreamState[] =>
  streams.filter(({ record }) => record.role !== 'draining');

/** There is one stream, its relay is on air, and its standby, if any, is ready. */
function isOnAir(observed: Observed): boolean {
  const streams = withRelay(observed);
  return (
    streams.length > 0 &&
    streams.every(
      ({ record, report, standby }) =>
        record.role === 'active' &&
        report?.state === 'live' &&
        (standby === undefined || isStandbyReady(standby)),
    )
  );
}
