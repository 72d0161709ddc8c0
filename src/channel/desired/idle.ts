import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { agoraChannelName } from './agora-channel.ts';
import { idleForAgora, agoraOnlyDecision } from './stream-mode.ts';
import { modeDecision } from '../../api/annotations/cost-decisions.ts';
import { streamOf, type StreamState, type Observed } from '../state.ts';
import {
  activeRecord,
  annotationMark,
  type IdleRecord,
  type StreamRecord,
} from '../../api/stream-records.ts';
import type { Policy } from '../timing.ts';
import type { RoleChange } from '../plan/stream-roles.ts';
import { HOST_LEFT_GRACE_MS, HOST_PROBE_MS, HOST_PROBE_TIMEOUT_MS } from '../timing.ts';

/** Why and since when the relay of the active stream is idle; undefined when it is not. */
export function idleOf(channel: LiveChannel): IdleRecord | undefined {
  return activeRecord(channel)?.idle;
}

/** The same, but only where the relay is idle because of spec.relay.idle. */
export function idleAsConfigured(channel: LiveChannel): IdleRecord | undefined {
  const idle = idleOf(channel);
  return idle?.why === 'agora' ? undefined : idle;
}

/** Whether no relay runs: neither to check for the host nor until its viewers have left for Agora. */
export function isIdle(idle: IdleRecord | undefined): boolean {
  return idle !== undefined && idle.probingSince === undefined && idle.drainUntil === undefined;
}

/** Seconds without a host after which the relay becomes idle; 0: never. */
function noHostSecondsOf({ spec }: LiveChannel): number {
  const { startOn, idle } = spec.relay;
  return startOn === 'host' && idle.noHostSeconds === 0 ? HOST_LEFT_GRACE_MS / 1_000 : idle.noHostSeconds;
}

/**
 * When the next probe for the host is due; undefined when none is scheduled. With startOn: host there are none, because
 * the service is notified when the host joins.
 */
export function nextHostProbe(channel: LiveChannel): Date | undefined {
  const { startOn, idle: configured } = channel.spec.relay;
  if (startOn === 'host') return undefined;
  const { hostProbeIntervalSeconds } = configured;
  const idle = idleOf(channel);
  if (idle?.why !== 'no-host' || idle.probingSince !== undefined || hostProbeIntervalSeconds === 0)
    return undefined;
  return new Date(Date.parse(idle.probedAt ?? idle.since) + hostProbeIntervalSeconds * 1_000);
}

/**
 * Whether the relay becomes idle, checks for the host, or resumes; undefined when nothing changes. `required`: the spec
 * requires a relay. The state is kept in the record and in the transition times of the conditions.
 */
export function nextIdle(
  observed: Observed,
  required: boolean,
  policy: Policy,
  now: Date,
): RoleChange | undefined {
  const active = streamOf(observed, 'active');
  if (active === undefined) return undefined;
  const { idle } = active.record;
  if (required) {
    const onAgora = idleForAgora(observed.channel, active, policy, now);
    if (onAgora !== 'unchanged') return towardsAgora(observed, active, onAgora);
  }
  if (idle === undefined) {
    const why =
      required && observed.streams.length === 1 ? idleReason(observed.channel, active, now) : undefined;
    if (why === undefined) return undefined;
    const resume = annotationMark(observed.channel, annotations.resume);
    const begun: IdleRecord = {
      since: now.toISOString(),
      why,
      ...(resume === undefined ? {} : { resume }),
    };
    return changed(observed, active, begun, 'Idle', idleMessage(observed.channel, begun));
  }
  if (!required) return changed(observed, active, undefined);
  if (idle.why === 'agora') return backFromAgora(observed, active);
  const why = resumeMessage(observed.channel, active, idle);
  if (why !== undefined) return changed(observed, active, undefined, 'Resuming', why);
  const { probingSince, ...withoutProbe } = idle;
  if (probingSince !== undefined)
    return foundNoHost(observed.channel, probingSince, now)
      ? changed(observed, active, { ...withoutProbe, probedAt: now.toISOString() })
      : undefined;
  const probeAt = nextHostProbe(observed.channel);
  return probeAt !== undefined && now >= probeAt
    ? changed(observed, active, { ...idle, probingSince: now.toISOString() })
    : undefined;
}

/** Emits no event about the budget: that is emitted with its condition. */
function towardsAgora(observed: Observed, active: StreamState, idle: IdleRecord): RoleChange {
  const { reason, message } = agoraOnlyDecision(observed.channel)?.why ?? {};
  const emits = reason === 'CheaperOnAgora' || reason === 'ModeOverridden';
  return emits && active.record.idle?.why !== 'agora'
    ? changed(observed, active, idle, reason, message)
    : changed(observed, active, idle);
}

function backFromAgora(observed: Observed, active: StreamState): RoleChange | undefined {
  const { channel } = observed;
  if (agoraOnlyDecision(channel) !== undefined) return undefined;
  const choice = channel.spec.streamMode === 'auto' ? modeDecision(channel) : undefined;
  return choice === undefined
    ? changed(
        observed,
        active,
        undefined,
        'Resuming',
        'Agora alone is no longer cheaper or required: the relay is starting again.',
      )
    : changed(observed, active, undefined, 'CheaperOnHls', choice.message);
}

/** Why the relay is idle, as a message for the status. */
export function idleMessage(channel: LiveChannel, { why }: IdleRecord): string {
  const { spec } = channel;
  const { noViewersSeconds, hostProbeIntervalSeconds } = spec.relay.idle;
  const resume = `Set annotation ${annotations.resume} to a new value to resume`;
  if (why === 'no-viewers') return `Idle: no viewers for ${noViewersSeconds} s. ${resume}.`;
  if (spec.relay.startOn === 'host')
    return `Idle: the relay starts when the host joins Agora channel "${agoraChannelName(channel)}". ${resume} at once.`;
  const idle = `Idle: no host for ${noHostSecondsOf(channel)} s.`;
  return hostProbeIntervalSeconds === 0
    ? `${idle} ${resume}.`
    : `${idle} A relay checks for the host every ${hostProbeIntervalSeconds} s. ${resume} at once.`;
}

function idleReason(
  channel: LiveChannel,
  stream: StreamState,
  now: Date,
): 'no-host' | 'no-viewers' | undefined {
  const { report, noViewersSince } = stream;
  const noHostSeconds = noHostSecondsOf(channel);
  const { noViewersSeconds } = channel.spec.relay.idle;
  if (awaitsFirstHost(channel, stream)) return 'no-host';
  const past = (since: number, seconds: number): boolean =>
    seconds > 0 && now.getTime() - since >= seconds * 1_000;
  // A relay that has not joined the channel cannot know whether there is a host.
  const hasJoined = report !== undefined && (report.state === 'waiting' || report.state === 'live');
  // A host that has just been announced may not be publishing yet.
  const hostGone = Math.max(hostGoneSince(channel) ?? Infinity, resumedAt(channel, now));
  if (hasJoined && report.host === null && past(hostGone, noHostSeconds)) return 'no-host';
  if (report?.state !== 'live' || noViewersSince === undefined) return undefined;
  // The time also counts from when the relay went on air, because viewers need it to arrive.
  const since = Math.max(noViewersSince.getTime(), Date.parse(channel.status?.relayStartedAt ?? ''));
  return past(since, noViewersSeconds) ? 'no-viewers' : undefined;
}

/** Whether the relay has never run, and must not before the host has been announced for the first time. */
function awaitsFirstHost({ spec, metadata, status }: LiveChannel, { pod }: StreamState): boolean {
  return (
    spec.relay.startOn === 'host' &&
    metadata.annotations?.[annotations.resume] === undefined &&
    pod === undefined &&
    status?.relayStartedAt === undefined
  );
}

/** Unix time in ms of the last resume, if annotation resume has a time as its value; -Infinity if it has another. */
function resumedAt({ metadata }: LiveChannel, now: Date): number {
  const at = Date.parse(metadata.annotations?.[annotations.resume] ?? '');
  return at <= now.getTime() ? at : -Infinity;
}

/** Unix time in ms since which the status has reported that there is no host. */
function hostGoneSince({ status }: LiveChannel): number | undefined {
  const host = findCondition(status?.conditions, 'HostPresent');
  return host?.status === 'False' ? Date.parse(host.lastTransitionTime) : undefined;
}

function resumeMessage(channel: LiveChannel, { report }: StreamState, idle: IdleRecord): string | undefined {
  const { spec } = channel;
  const { noViewersSeconds } = spec.relay.idle;
  const resume = annotationMark(channel, annotations.resume);
  if (resume !== undefined && resume !== idle.resume)
    return `Annotation ${annotations.resume} has a new value.`;
  if (idle.why === 'no-viewers' && isCheaperOnHlsSince(channel, idle.since))
    return 'Viewers are back, and they cost less on HLS.';
  if ((idle.why === 'no-host' ? noHostSecondsOf(channel) : noViewersSeconds) === 0)
    return 'spec.relay.idle no longer allows the relay to be idle.';
  if (idle.probingSince === undefined || report === undefined) return undefined;
  return report.host !== null || report.state === 'live' ? 'The host is publishing again.' : undefined;
}

/** Unlike the counts of the platform, the decision includes the viewers on Agora. */
function isCheaperOnHlsSince(channel: LiveChannel, since: string): boolean {
  const choice = channel.spec.streamMode === 'auto' ? modeDecision(channel) : undefined;
  return choice?.mode === 'hybrid' && Date.parse(choice.decidedAt) > Date.parse(since);
}

/** Whether a probe that began at `probingSince` (RFC 3339) has ended without a host. */
function foundNoHost(channel: LiveChannel, probingSince: string, now: Date): boolean {
  const began = Date.parse(probingSince);
  const gone = hostGoneSince(channel);
  const sawNoHost = gone !== undefined && gone >= began - 1_000 && now.getTime() - gone >= HOST_PROBE_MS;
  return sawNoHost || now.getTime() - began >= HOST_PROBE_TIMEOUT_MS;
}

/** Replaces the idle record of the active stream; undefined removes it. With a `reason`, an event is emitted. */
function changed(
  { streams }: Observed,
  active: StreamState,
  idle: IdleRecord | undefined,
  reason?: 'Idle' | 'Resuming' | 'CheaperOnAgora' | 'CheaperOnHls' | 'ModeOverridden',
  message = '',
): RoleChange {
  const { idle: _idle, ...record } = active.record;
  const noted: StreamRecord = idle === undefined ? record : { ...record, idle };
  return {
    records: streams.map((stream) => (stream === active ? noted : stream.record)),
    ...(reason === undefined ? {} : { event: { type: 'Normal', reason, message } }),
  };
}
