import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import { permitsOneUid } from '../pod/agora-token.ts';
import { streamOf, type StreamState, type Observed, type DesiredStream } from '../state.ts';
import { MAX_STREAM_RECORDS } from '../../api/stream-record.ts';
import {
  annotationMark,
  sameStream,
  slotsOf,
  type Slot,
  type StreamRecord,
} from '../../api/stream-records.ts';
import { secretMatchesStream } from './secret-matches-stream.ts';
import type { Policy } from '../timing.ts';
import { REPLACEMENT_GRACE_MS } from '../timing.ts';

/** The desired records, and the event to emit for the change, if any. */
export interface RoleChange {
  readonly records: readonly StreamRecord[];
  readonly event?: { readonly type: 'Normal' | 'Warning'; readonly reason: Reason; readonly message: string };
}

/**
 * The streams that the channel should have, and their roles; undefined when nothing changes. While a channel on air
 * migrates, it has two streams: the incoming stream is started beside the active one and becomes active once it is
 * playable; the previous stream is drained and deleted. A failure before that leaves the active stream as it is.
 */
export function nextRoles(
  observed: Observed,
  relay: boolean,
  policy: Policy,
  now: Date,
): RoleChange | undefined {
  if (!observed.desired.ok) return undefined; // nothing is deleted because a platform is unknown
  const desired = observed.desired.value;
  const desiredKey = { platform: desired.platform.name, name: desired.name };
  const active = streamOf(observed, 'active');
  const incoming = streamOf(observed, 'incoming');
  if (active === undefined) {
    if (incoming !== undefined) return promote(observed, incoming, desired, policy, now); // the records were edited
    return begin(observed, 'active', desired, policy, now);
  }
  if (incoming !== undefined && !sameStream(incoming.record, desiredKey))
    return abortMigration(observed, active, incoming, policy, now);
  if (sameStream(active.record, desiredKey)) return settled(observed, active, desired);
  if (!relay || hasNoResources(active)) {
    // A stream that is off air is kept until the next one can be created, because players have its address.
    if (incoming === undefined && !hasNoResources(active) && desired.refused !== undefined) return undefined;
    const records = observed.streams.filter((stream) => stream !== incoming).map(({ record }) => record);
    return incoming !== undefined
      ? promote(observed, incoming, desired, policy, now)
      : { records: records.map((record) => (record === active.record ? draining(record, now, 0) : record)) };
  }
  if (incoming === undefined) return begin(observed, 'incoming', desired, policy, now);
  return mayBecomeActive(observed, active, incoming, desired, now)
    ? promote(observed, incoming, desired, policy, now)
    : undefined;
}

/**
 * Updates the record of an active stream that stays: its fallback platform has become the home platform, or the
 * budget's reason to use its platform has changed.
 */
function settled(
  { streams }: Observed,
  active: StreamState,
  { insteadOf, sentFrom }: DesiredStream,
): RoleChange | undefined {
  const { insteadOf: previousInsteadOf, returnAt, sentFrom: previousSentFrom, ...record } = active.record;
  const isHome = insteadOf === undefined && previousInsteadOf !== undefined;
  if (!isHome && previousSentFrom === sentFrom) return undefined;
  const settledRecord: StreamRecord = {
    ...record,
    ...(isHome || previousInsteadOf === undefined ? {} : { insteadOf: previousInsteadOf }),
    ...(isHome || returnAt === undefined ? {} : { returnAt }),
    ...sentFromField(sentFrom),
  };
  return { records: streams.map((stream) => (stream === active ? settledRecord : stream.record)) };
}

/** The field of a record that names the platform from which the budget sent the channel. */
const sentFromField = (sentFrom: string | undefined): Pick<StreamRecord, 'sentFrom'> =>
  sentFrom === undefined ? {} : { sentFrom };

/** Whether media arrives at the platform: as the relay reports or, without a report, as the readiness probe does. */
export function isOnAir({ report, pod, frozen }: StreamState): boolean {
  return report === undefined ? pod?.ready === true && !frozen : report.state === 'live';
}

/** Nothing has been created for the record yet, so that no viewer has its address. */
function hasNoResources({ record, secretExists, pod }: StreamState): boolean {
  return record.id === undefined && !secretExists && pod === undefined;
}

/** Milliseconds since which the status has reported the channel as not Ready; 0 while it is Ready. */
function offAirMs({ status }: LiveChannel, now: Date): number {
  const ready = findCondition(status?.conditions, 'Ready');
  return ready?.status === 'False' ? now.getTime() - Date.parse(ready.lastTransitionTime) : 0;
}

/**
 * A stream becomes active once it is playable. If the active stream has been off air for REPLACEMENT_GRACE_MS, the
 * incoming one may become active earlier. That does not apply to migrations to or from the fallback platform, which is
 * no better than the platform that it replaces until its stream is playable. Where the channel can have only one relay, no
 * relay can push to the incoming stream before that: viewers are sent there as soon as it exists, and wait for the relay.
 */
function mayBecomeActive(
  observed: Observed,
  active: StreamState,
  incoming: StreamState,
  desired: DesiredStream,
  now: Date,
): boolean {
  if (incoming.playable) return true;
  const exists = secretMatchesStream(incoming.secret, incoming.record);
  if (permitsOneUid(observed.credentials)) return exists;
  return (
    !isOnAir(active) &&
    offAirMs(observed.channel, now) >= REPLACEMENT_GRACE_MS &&
    desired.insteadOf === undefined &&
    active.record.insteadOf === undefined &&
    exists
  );
}

function begin(
  observed: Observed,
  role: 'active' | 'incoming',
  { platform, name, insteadOf, sentFrom, refused }: DesiredStream,
  policy: Policy,
  now: Date,
): RoleChange | undefined {
  // A stream is not created before a relay can push to it.
  if (refused !== undefined || !observed.credentials.ok) return undefined;
  const records = observed.streams.map(({ record }) => record);
  // A stream of that name that is being deleted must be gone first, or the new one would be deleted with it.
  if (records.some((record) => sameStream(record, { platform: platform.name, name }))) return undefined;
  const slot = freeSlot(observed);
  if (slot === undefined || records.length >= MAX_STREAM_RECORDS) return undefined;
  const rotationRequest = annotationMark(observed.channel, annotations.rotateKey);
  const record: StreamRecord = {
    role,
    platform: platform.name,
    name,
    slot,
    epoch: Math.floor(now.getTime() / 1_000),
    attempt: now.getTime().toString(36),
    since: now.toISOString(),
    ...(rotationRequest === undefined ? {} : { rotated: rotationRequest }),
    ...(role === 'active' ? { ...fallbackFields(insteadOf, policy, now), ...sentFromField(sentFrom) } : {}),
  };
  if (role === 'active') return { records: [...records, record] };
  const to = platform.name;
  const message =
    insteadOf === undefined
      ? `Migrating to a stream on platform ${to}; the current stream stays active until the new one is playable`
      : `Platform ${insteadOf} is unavailable: migrating to fallback platform ${to}`;
  return {
    records: [...records, record],
    event: { type: insteadOf === undefined ? 'Normal' : 'Warning', reason: 'Migrating', message },
  };
}

function promote(
  observed: Observed,
  incoming: StreamState,
  desired: DesiredStream,
  policy: Policy,
  now: Date,
): RoleChange {
  const from = streamOf(observed, 'active');
  const mayDrain = from !== undefined && isOnAir(from) && !permitsOneUid(observed.credentials);
  const { insteadOf: _insteadOf, returnAt: _returnAt, ...record } = incoming.record;
  const promoted: StreamRecord = {
    ...record,
    role: 'active',
    since: now.toISOString(),
    ...fallbackFields(desired.insteadOf, policy, now),
    ...sentFromField(desired.sentFrom),
  };
  const records = observed.streams.map((stream) =>
    stream === incoming
      ? promoted
      : stream === from
        ? draining(stream.record, now, mayDrain ? policy.drainMs : 0)
        : stream.record,
  );
  const fallback = desired.insteadOf !== undefined;
  return {
    records,
    event: {
      type: fallback ? 'Warning' : 'Normal',
      reason: fallback ? 'FallbackPlatform' : 'Migrated',
      message:
        `Viewers are now sent to the stream on platform ${promoted.platform}` +
        (from === undefined ? '' : `; the stream on ${from.record.platform} is drained and deleted`),
    },
  };
}

/** The fields of a record on the fallback platform: which platform it replaces, and when to attempt the return. */
function fallbackFields(
  insteadOf: string | undefined,
  { returnAfterMs }: Policy,
  now: Date,
): Pick<StreamRecord, 'insteadOf' | 'returnAt'> {
  if (insteadOf === undefined) return {};
  return { insteadOf, returnAt: new Date(now.getTime() + returnAfterMs).toISOString() };
}

/** The incoming stream is no longer desired, or was not playable in time. */
function abortMigration(
  { streams }: Observed,
  active: StreamState,
  incoming: StreamState,
  policy: Policy,
  now: Date,
): RoleChange {
  const records = streams.map(({ record }) => {
    if (record === incoming.record) return draining(record, now, 0);
    return record === active.record
      ? { ...record, ...fallbackFields(record.insteadOf, policy, now) }
      : record;
  });
  return {
    records,
    event: {
      type: 'Warning',
      reason: 'MigrationFailed',
      message:
        `The migration to platform ${incoming.record.platform} was aborted; ` +
        `the stream on ${active.record.platform} stays active`,
    },
  };
}

function draining(
  { insteadOf: _insteadOf, returnAt: _returnAt, sentFrom: _sentFrom, idle: _idle, ...record }: StreamRecord,
  now: Date,
  drainMs: number,
): StreamRecord {
  return {
    ...record,
    role: 'draining',
    since: now.toISOString(),
    until: new Date(now.getTime() + drainMs).toISOString(),
  };
}

function freeSlot({ streams, unowned }: Observed): Slot | undefined {
  const taken = new Set([
    ...streams.flatMap(({ record }) => slotsOf(record)),
    ...unowned.map(({ slot }) => slot),
  ]);
  return ([0, 1] as const).find((slot) => !taken.has(slot));
}
