import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import { streamOf, type StreamState, type Observed, type DesiredStream } from '../state.ts';
import { sameStream, slotsOf, type Slot, type StreamRecord } from '../../api/annotations/stream-records.ts';
import type { Policy } from '../timing.ts';
import { REPLACEMENT_GRACE_MS } from '../timing.ts';

/** The records as they should be, and the event to emit for the change, if any. */
export interface RoleChange {
  readonly records: readonly StreamRecord[];
  readonly event?: { readonly type: 'Normal' | 'Warning'; readonly reason: Reason; readonly message: string };
}

/**
 * Which streams the channel should have, and in which role: undefined when it has them. A channel on air migrates by
 * having two streams for a while: the incoming one is started beside the active one and becomes active once it is
 * playable; the old one is drained and deleted. A failure before that leaves the active one as it is.
 */
export function nextRoles(
  observed: Observed,
  relay: boolean,
  policy: Policy,
  now: Date,
): RoleChange | undefined {
  const { desired: target } = observed;
  if (!target.ok) return undefined; // nothing is deleted because a platform is not known
  const active = streamOf(observed, 'active');
  const next = streamOf(observed, 'incoming');
  const wanted = { platform: target.value.platform.name, name: target.value.name };
  if (active === undefined) {
    if (next !== undefined) return promote(observed, next, target.value, policy, now); // the records were edited
    return begin(observed, 'active', target.value, policy, now);
  }
  if (next !== undefined && !sameStream(next.record, wanted))
    return abortMigration(observed, active, next, policy, now);
  if (sameStream(active.record, wanted)) return settled(observed, active, target.value);
  if (!relay || hasNoResources(active)) {
    // A stream off air is worth keeping, too: players have its address.
    if (next === undefined && !hasNoResources(active) && target.value.refused !== undefined) return undefined;
    const records = observed.streams.filter((stream) => stream !== next).map(({ record }) => record);
    return next !== undefined
      ? promote(observed, next, target.value, policy, now)
      : { records: records.map((record) => (record === active.record ? draining(record, now, 0) : record)) };
  }
  if (next === undefined) return begin(observed, 'incoming', target.value, policy, now);
  return mayBecomeActive(observed, active, next, target.value, now)
    ? promote(observed, next, target.value, policy, now)
    : undefined;
}

/** The fallback platform has become the home platform; or the budget's reason to be here changed. */
function settled(
  { streams }: Observed,
  active: StreamState,
  { insteadOf, sentFrom }: DesiredStream,
): RoleChange | undefined {
  const { insteadOf: was, returnAt, sentFrom: before, ...record } = active.record;
  const isHome = insteadOf === undefined && was !== undefined;
  if (!isHome && before === sentFrom) return undefined;
  const settledRecord: StreamRecord = {
    ...record,
    ...(isHome || was === undefined ? {} : { insteadOf: was }),
    ...(isHome || returnAt === undefined ? {} : { returnAt }),
    ...sent(sentFrom),
  };
  return { records: streams.map((stream) => (stream === active ? settledRecord : stream.record)) };
}

/** The part of a record about where the budget sent the channel from. */
const sent = (sentFrom: string | undefined): Pick<StreamRecord, 'sentFrom'> =>
  sentFrom === undefined ? {} : { sentFrom };

/** As its relay reports or, where that does not answer, as the kubelet does. */
export function isOnAir({ report, pod }: StreamState): boolean {
  return report === undefined ? pod?.ready === true : report.state === 'live';
}

/** Neither a stream nor anything created for one: viewers have never been sent to it. */
function hasNoResources({ record, secretExists, pod }: StreamState): boolean {
  return record.id === undefined && !secretExists && pod === undefined;
}

/** How long the status has reported the channel as not Ready. */
function offAirMs({ status }: LiveChannel, now: Date): number {
  const ready = findCondition(status?.conditions, 'Ready');
  return ready?.status === 'False' ? now.getTime() - Date.parse(ready.lastTransitionTime) : 0;
}

/**
 * A stream becomes active once it is playable. Where nothing has been on air for a while, it need not be: unless it is
 * on the fallback platform, which is no better than the platform it replaces until the stream is playable.
 */
function mayBecomeActive(
  { channel }: Observed,
  active: StreamState,
  next: StreamState,
  target: DesiredStream,
  now: Date,
): boolean {
  if (next.playable) return true;
  return (
    !isOnAir(active) &&
    offAirMs(channel, now) >= REPLACEMENT_GRACE_MS &&
    target.insteadOf === undefined &&
    active.record.insteadOf === undefined &&
    next.secret !== undefined
  );
}

function begin(
  observed: Observed,
  role: 'active' | 'incoming',
  { platform, name, insteadOf, sentFrom, refused }: DesiredStream,
  policy: Policy,
  now: Date,
): RoleChange | undefined {
  // Nothing is created before it can be used.
  if (refused !== undefined || !observed.credentials.ok) return undefined;
  const records = observed.streams.map(({ record }) => record);
  // One of that name which is still being deleted must be gone first, or the new one would go with it.
  if (records.some((record) => sameStream(record, { platform: platform.name, name }))) return undefined;
  const slot = freeSlot(observed);
  if (slot === undefined) return undefined;
  const asked = observed.channel.metadata.annotations?.[annotations.rotateKey];
  const record: StreamRecord = {
    role,
    platform: platform.name,
    name,
    slot,
    epoch: Math.floor(now.getTime() / 1_000),
    attempt: now.getTime().toString(36),
    since: now.toISOString(),
    ...(asked === undefined ? {} : { rotated: asked }),
    ...(role === 'active' ? { ...standIn(insteadOf, policy, now), ...sent(sentFrom) } : {}),
  };
  if (role === 'active') return { records: [...records, record] };
  const to = platform.name;
  const message =
    insteadOf === undefined
      ? `Migrating to a stream on platform ${to}; the current stream stays active until that one is playable`
      : `Platform ${insteadOf} is unavailable: migrating to fallback platform ${to}`;
  return {
    records: [...records, record],
    event: { type: insteadOf === undefined ? 'Normal' : 'Warning', reason: 'Migrating', message },
  };
}

function promote(
  observed: Observed,
  next: StreamState,
  target: DesiredStream,
  policy: Policy,
  now: Date,
): RoleChange {
  const from = streamOf(observed, 'active');
  const onAir = from !== undefined && isOnAir(from);
  const { insteadOf: _insteadOf, returnAt: _returnAt, ...record } = next.record;
  const promoted: StreamRecord = {
    ...record,
    role: 'active',
    since: now.toISOString(),
    ...standIn(target.insteadOf, policy, now),
    ...sent(target.sentFrom),
  };
  const records = observed.streams.map((stream) =>
    stream === next
      ? promoted
      : stream === from
        ? draining(stream.record, now, onAir ? policy.drainMs : 0)
        : stream.record,
  );
  const fallback = target.insteadOf !== undefined;
  return {
    records,
    event: {
      type: fallback ? 'Warning' : 'Normal',
      reason: fallback ? 'FallbackPlatform' : 'Migrated',
      message:
        `Viewers are now sent to the stream on platform ${promoted.platform}` +
        (from === undefined ? '' : `; the one on ${from.record.platform} is drained and deleted`),
    },
  };
}

/** The part of a record about the platform that the fallback replaces. */
function standIn(
  insteadOf: string | undefined,
  { returnAfterMs }: Policy,
  now: Date,
): Pick<StreamRecord, 'insteadOf' | 'returnAt'> {
  if (insteadOf === undefined) return {};
  return { insteadOf, returnAt: new Date(now.getTime() + returnAfterMs).toISOString() };
}

/** The incoming stream is no longer wanted, or was not playable in time. */
function abortMigration(
  { streams }: Observed,
  active: StreamState,
  next: StreamState,
  policy: Policy,
  now: Date,
): RoleChange {
  const records = streams.map(({ record }) => {
    if (record === next.record) return draining(record, now, 0);
    return record === active.record ? { ...record, ...standIn(record.insteadOf, policy, now) } : record;
  });
  return {
    records,
    event: {
      type: 'Warning',
      reason: 'MigrationFailed',
      message:
        `The migration to platform ${next.record.platform} was aborted; ` +
        `the stream on ${active.record.platform} stays active`,
    },
  };
}

function draining(
  { insteadOf: _insteadOf, returnAt: _returnAt, sentFrom: _sentFrom, idle: _rest, ...record }: StreamRecord,
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
